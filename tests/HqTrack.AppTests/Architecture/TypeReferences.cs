using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace HqTrack.AppTests.Architecture;

/// <summary>One type that mentions another: in its base types, members, attributes or code. Nested types count as their outermost one.</summary>
/// <param name="From">Full name of the type that mentions.</param>
/// <param name="To">Full name of the type that is mentioned, of any assembly.</param>
internal sealed record TypeReference(string From, string To);

/// <summary>Reads type references from an assembly's metadata and code, without loading it.</summary>
internal sealed class TypeReferences : ISignatureTypeProvider<bool, bool>
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    private readonly MetadataReader metadata;
    private readonly PEReader image;
    private readonly HashSet<TypeReference> found = [];
    private string current = string.Empty;

    private TypeReferences(PEReader image)
    {
        this.image = image;
        metadata = image.GetMetadataReader();
    }

    /// <summary>Every reference of every type of an assembly.</summary>
    public static IReadOnlySet<TypeReference> Of(string path)
    {
        using var image = new PEReader(File.OpenRead(path));
        return new TypeReferences(image).Read();
    }

    private HashSet<TypeReference> Read()
    {
        foreach (var handle in metadata.TypeDefinitions)
        {
            current = NameOf(handle);
            var type = metadata.GetTypeDefinition(handle);
            Visit(type.BaseType);
            Visit(type.GetCustomAttributes());
            foreach (var implemented in type.GetInterfaceImplementations())
            {
                Visit(metadata.GetInterfaceImplementation(implemented).Interface);
            }

            Visit(type.GetGenericParameters());
            foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
            {
                field.DecodeSignature(this, default);
                Visit(field.GetCustomAttributes());
            }

            foreach (var method in type.GetMethods().Select(metadata.GetMethodDefinition))
            {
                method.DecodeSignature(this, default);
                Visit(method.GetGenericParameters());
                Visit(method.GetCustomAttributes());
                VisitBody(method.RelativeVirtualAddress);
            }
        }

        return found;
    }

    private void VisitBody(int address)
    {
        if (address == 0)
        {
            return;
        }

        var body = image.GetMethodBody(address);
        if (!body.LocalSignature.IsNil)
        {
            metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, default);
        }

        foreach (var region in body.ExceptionRegions)
        {
            Visit(region.CatchType);
        }

        var code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            var operand = Codes[value == 0xFE ? 0xFE00 | code.ReadByte() : value].OperandType;
            switch (operand)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    Visit(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                default:
                    code.Offset += operand switch
                    {
                        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                        OperandType.InlineVar => 2,
                        OperandType.InlineI8 or OperandType.InlineR => 8,
                        _ => 4,
                    };
                    break;
            }
        }
    }

    private void Visit(CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes)
        {
            Visit(metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void Visit(GenericParameterHandleCollection parameters)
    {
        foreach (var constraint in parameters.SelectMany(parameter => metadata.GetGenericParameter(parameter).GetConstraints()))
        {
            Visit(metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private void Visit(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition or HandleKind.TypeReference:
                Add(handle);
                break;
            case HandleKind.TypeSpecification:
                metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, default);
                break;
            case HandleKind.FieldDefinition:
                Add(metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodDefinition:
                Add(metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodSpecification:
                var instance = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                instance.DecodeSignature(this, default);
                Visit(instance.Method);
                break;
            case HandleKind.MemberReference:
                var member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                Visit(member.Parent);
                if (member.GetKind() == MemberReferenceKind.Method)
                {
                    member.DecodeMethodSignature(this, default);
                }
                else
                {
                    member.DecodeFieldSignature(this, default);
                }

                break;
        }
    }

    private bool Add(EntityHandle type) => found.Add(new(current, NameOf(type)));

    private string NameOf(EntityHandle handle)
    {
        if (handle.Kind == HandleKind.TypeDefinition)
        {
            var definition = metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
            return definition.GetDeclaringType() is { IsNil: false } outer ? NameOf(outer) : FullName(definition.Namespace, definition.Name);
        }

        var reference = metadata.GetTypeReference((TypeReferenceHandle)handle);
        return reference.ResolutionScope.Kind == HandleKind.TypeReference ? NameOf(reference.ResolutionScope) : FullName(reference.Namespace, reference.Name);
    }

    private string FullName(StringHandle space, StringHandle name) => $"{metadata.GetString(space)}.{metadata.GetString(name)}";

    bool ISimpleTypeProvider<bool>.GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Add(handle);

    bool ISimpleTypeProvider<bool>.GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Add(handle);

    bool ISignatureTypeProvider<bool, bool>.GetTypeFromSpecification(MetadataReader reader, bool context, TypeSpecificationHandle handle, byte rawTypeKind)
    {
        Visit(handle);
        return default;
    }

    // The parts of a composed type were visited before it.
    bool ISimpleTypeProvider<bool>.GetPrimitiveType(PrimitiveTypeCode code) => default;

    bool ISZArrayTypeProvider<bool>.GetSZArrayType(bool element) => default;

    bool IConstructedTypeProvider<bool>.GetArrayType(bool element, ArrayShape shape) => default;

    bool IConstructedTypeProvider<bool>.GetByReferenceType(bool element) => default;

    bool IConstructedTypeProvider<bool>.GetPointerType(bool element) => default;

    bool IConstructedTypeProvider<bool>.GetGenericInstantiation(bool type, ImmutableArray<bool> arguments) => default;

    bool ISignatureTypeProvider<bool, bool>.GetFunctionPointerType(MethodSignature<bool> signature) => default;

    bool ISignatureTypeProvider<bool, bool>.GetGenericMethodParameter(bool context, int index) => default;

    bool ISignatureTypeProvider<bool, bool>.GetGenericTypeParameter(bool context, int index) => default;

    bool ISignatureTypeProvider<bool, bool>.GetModifiedType(bool modifier, bool unmodified, bool isRequired) => default;

    bool ISignatureTypeProvider<bool, bool>.GetPinnedType(bool element) => default;
}
