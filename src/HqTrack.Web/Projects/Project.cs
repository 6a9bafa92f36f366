using HqTrack.Media;
using HqTrack.Web.Ingest;
using HqTrack.Web.Live;
using HqTrack.Web.Masks;
using HqTrack.Web.Runs;

namespace HqTrack.Web.Projects;

/// <summary>A project as everybody sees it at one moment.</summary>
/// <param name="Revision">The last edit's.</param>
/// <param name="State">What the edits make.</param>
/// <param name="CanUndo">Whether there is something to undo.</param>
/// <param name="CanRedo">Whether there is something to redo.</param>
internal sealed record Snapshot(int Revision, ProjectState State, bool CanUndo, bool CanRedo);

/// <summary>One project: its journal, its files, its runs. Readers take a <see cref="Snapshot"/>; edits come one at a time.</summary>
internal sealed class Project : IDisposable
{
    private readonly Lock gate = new();
    private readonly Journal journal;
    private readonly EditHistory history;
    private readonly TimeProvider clock;
    private Snapshot now;

    /// <summary>Opens the project for its one writer.</summary>
    /// <exception cref="MediaException">Its journal is damaged.</exception>
    public Project(string id, ProjectFolder folder, TimeProvider clock)
    {
        (Id, Folder, this.clock) = (id, folder, clock);
        (journal, var entries) = Journal.Open(folder.Journal);
        history = new(entries);
        Created = entries.Count > 0 ? entries[0].At : clock.GetUtcNow();
        now = Look();
        Runs = new(folder);
        Masks = new(folder, Runs);
    }

    public string Id { get; }

    public ProjectFolder Folder { get; }

    public DateTimeOffset Created { get; }

    public Snapshot Now => Volatile.Read(ref now);

    /// <summary>Results of the tracker.</summary>
    public RunResults Runs { get; }

    /// <summary>Puts masks together.</summary>
    public MaskComposer Masks { get; }

    /// <summary>One upload's frames are added at a time.</summary>
    public SemaphoreSlim Adding { get; } = new(1);

    /// <summary>One request at a time sends to an upload.</summary>
    public UploadGate Uploads { get; } = new();

    /// <summary>What listeners are told.</summary>
    public EventHub Events { get; } = new();

    /// <summary>Does an edit: it is in the journal when this returns.</summary>
    /// <param name="by">Name of the token it came with.</param>
    /// <param name="make">Makes the edit from the project as it is, with the ids that are free; throws where it cannot be done.</param>
    /// <returns>The project with the edit, and the edit's entry.</returns>
    public (Snapshot Snapshot, JournalEntry Entry) Do(string? by, Func<EditHistory, Edit> make)
    {
        lock (gate)
        {
            var entry = new JournalEntry(history.Revision + 1, clock.GetUtcNow(), by, make(history));
            journal.Append(entry);
            history.Add(entry);
            Volatile.Write(ref now, Look());
            Events.Send("revision", new { revision = entry.Revision, edit = entry.Edit.Kind });
            return (now, entry);
        }
    }

    public void Dispose()
    {
        Events.Dispose();
        Adding.Dispose();
    }

    private Snapshot Look() => new(history.Revision, history.State, history.Undoable is not null, history.Redoable is not null);
}
