using HqTrack.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(GoldenReport))]

namespace HqTrack.Tests.Infrastructure;

/// <summary>Ends every run: says how many golden files were read, fails a run that asked for some and found none, or that left declared files unread.</summary>
public sealed class GoldenReport : IDisposable
{
    public void Dispose()
    {
        if (Goldens.Asked.Count == 0)
        {
            return;
        }

        TestContext.Current.SendDiagnosticMessage($"goldens: {Goldens.Read.Count} of {Goldens.Files.Count} files read under {Goldens.Root}");
        Assert.True(Goldens.Read.Count > 0, $"golden tests ran, but no golden file was found under {Goldens.Root}; set HQTRACK_GOLDENS to a folder laid out like tests/HqTrack.Tests/goldens.");

        // Only a run of all golden tests can tell what is declared in vain.
        var present = Goldens.Declared
            .Select(entry => (entry.Key, Files: Goldens.Files.Where(file => entry.Value.Any(pattern => !pattern.OnDemand && pattern.Matches(file))).ToArray()))
            .Where(entry => entry.Files.Length > 0)
            .ToArray();
        if (present.All(entry => Goldens.Asked.Contains(entry.Key)))
        {
            var unread = present.SelectMany(entry => entry.Files).Except(Goldens.Read).Order(StringComparer.Ordinal).ToArray();
            Assert.True(unread.Length == 0, $"{unread.Length} golden files are declared by [ReadsGoldens] but no test opened them: {string.Join(", ", unread.Take(10))}");
        }
    }
}
