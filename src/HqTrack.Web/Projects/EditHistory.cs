namespace HqTrack.Web.Projects;

/// <summary>The edits of a project with what was undone: which hold, which can be undone and redone. Not safe for several threads.</summary>
internal sealed class EditHistory
{
    private readonly List<JournalEntry> holding = [];
    private readonly Stack<JournalEntry> undone = new();

    /// <summary>Takes the entries of a journal.</summary>
    public EditHistory(IEnumerable<JournalEntry> entries)
    {
        foreach (var entry in entries)
        {
            Take(entry);
        }

        Refold();
    }

    /// <summary>Revision of the last edit.</summary>
    public int Revision { get; private set; }

    /// <summary>The highest id that an object ever had, undone or not.</summary>
    public int HighestObject { get; private set; }

    /// <summary>What the edits make.</summary>
    public ProjectState State { get; private set; } = ProjectState.Empty;

    /// <summary>What undo would take back; null where there is nothing.</summary>
    public JournalEntry? Undoable => holding.FindLast(entry => entry.Edit.IsUndoable);

    /// <summary>What redo would bring back; null where there is nothing.</summary>
    public JournalEntry? Redoable => undone.TryPeek(out var entry) ? entry : null;

    /// <summary>Takes the next entry.</summary>
    public void Add(JournalEntry entry)
    {
        Take(entry);
        if (entry.Edit is Undone or Redone)
        {
            Refold();
        }
        else
        {
            State = State.Apply(entry.Edit, entry.Revision);
        }
    }

    private void Take(JournalEntry entry)
    {
        Revision = entry.Revision;
        switch (entry.Edit)
        {
            case Undone undo when holding.FindIndex(other => other.Revision == undo.Revision) is >= 0 and var at:
                undone.Push(holding[at]);
                holding.RemoveAt(at);
                break;
            case Redone redo when undone.TryPeek(out var last) && last.Revision == redo.Revision:
                undone.Pop();
                holding.Insert(holding.FindIndex(other => other.Revision > last.Revision) is >= 0 and var next ? next : holding.Count, last);
                break;
            case Undone or Redone:
                break; // of an edit that is not there
            default:
                holding.Add(entry);
                HighestObject = Math.Max(HighestObject, (entry.Edit as ObjectAdded)?.Id ?? 0);
                if (entry.Edit.IsUndoable)
                {
                    undone.Clear();
                }

                break;
        }
    }

    private void Refold() => State = holding.Aggregate(ProjectState.Empty, (state, entry) => state.Apply(entry.Edit, entry.Revision));
}
