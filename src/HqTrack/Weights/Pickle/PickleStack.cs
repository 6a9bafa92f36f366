namespace HqTrack.Weights.Pickle;

/// <summary>The pickle machine's memory: a stack, the marks on it, and the memo. Every use is checked; growth is charged to the budget.</summary>
internal sealed class PickleStack(PickleSource source, PickleBudget budget)
{
    private const int SlotCost = 24;      // a slot of a list that doubles
    private const int ObjectCost = 48;

    private readonly object unset = new();
    private readonly List<object?> values = [];
    private readonly List<int> marks = [];
    private readonly List<object?> memo = [];
    private int highest;

    public void Push(object? value)
    {
        values.Add(value);
        if (values.Count > highest)
        {
            highest = values.Count;
            budget.Charge(SlotCost);
        }

        if (value is not (null or bool or string or byte[])) // text and bytes are charged where they are read
        {
            budget.Charge(ObjectCost);
        }
    }

    public object? Peek() => values.Count > Base ? values[^1] : throw source.Bad("an empty stack");

    public T Peek<T>()
        where T : class => Peek() as T ?? throw source.Bad($"{PickleReader.Describe(Peek())} in place of a {Name<T>()}");

    public object? Pop()
    {
        var value = Peek();
        values.RemoveAt(values.Count - 1);
        return value;
    }

    public T Pop<T>()
        where T : class => Pop() is var value && value is T wanted ? wanted : throw source.Bad($"{PickleReader.Describe(value)} in place of a {Name<T>()}");

    public void Mark()
    {
        budget.Charge(SlotCost / 2);
        marks.Add(values.Count);
    }

    /// <summary>Takes what lies above the last mark, and the mark.</summary>
    public object?[] PopMark()
    {
        if (marks.Count == 0)
        {
            throw source.Bad("an instruction that needs a mark where none is set");
        }

        var from = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        var count = values.Count - from;
        budget.Charge(8L * count);
        object?[] items = [.. values.GetRange(from, count)];
        values.RemoveRange(from, count);
        return items;
    }

    /// <summary>Takes the newest <paramref name="count"/> values, oldest first.</summary>
    public object?[] Take(int count)
    {
        var items = new object?[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        return items;
    }

    /// <summary>Removes the newest value, or the newest mark where nothing lies above it.</summary>
    public void Discard()
    {
        if (marks.Count > 0 && marks[^1] == values.Count)
        {
            marks.RemoveAt(marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    /// <summary>Remembers the newest value under a number.</summary>
    public void Put(long index)
    {
        var value = Peek();
        if (index is < 0 or > int.MaxValue)
        {
            throw source.Bad($"a value to be stored as number {index}");
        }

        budget.Charge(Math.Max(0, index + 1 - memo.Count) * SlotCost); // bounds an index from nowhere before the memo grows to it
        while (memo.Count <= index)
        {
            memo.Add(unset);
        }

        memo[(int)index] = value;
    }

    /// <summary>Remembers the newest value under the next number.</summary>
    public void Memoize() => Put(memo.Count);

    public void Get(long index)
    {
        if (index < 0 || index >= memo.Count || ReferenceEquals(memo[(int)index], unset))
        {
            throw source.Bad($"a reference to value {index}, which was not stored");
        }

        values.Add(memo[(int)index]);
        highest = Math.Max(highest, values.Count);
    }

    /// <summary>Charges items put into a container.</summary>
    public void Grow(int items) => budget.Charge((long)SlotCost * items);

    private int Base => marks.Count == 0 ? 0 : marks[^1];

    private static string Name<T>() => PickleReader.Describe(typeof(T));
}
