namespace PlexSync.Cli.Output;

/// <summary>What came of a command that plans or writes, as far as it went.</summary>
internal sealed class SyncOutcome
{
    /// <summary>The run's name; one that the journal knows only where something was written.</summary>
    public required RunId Id { get; set; }

    /// <summary>What the run is called for people: its number. Null if nothing was written.</summary>
    public string? Name => Written is { } written ? Phrases.NameOf(written.Number, written.Run!.Value) : null;

    /// <summary>What the run is called that is taken back; null where none is.</summary>
    public string? UndoneName { get; set; }

    /// <summary>The job; null where none was named.</summary>
    public string? Job { get; init; }

    /// <summary>Nothing is written, whatever is planned.</summary>
    public bool IsDryRun { get; set; }

    /// <summary>The command that would write what a dry run only shows; null where there is none.</summary>
    public string? Wet { get; init; }

    /// <summary>The plan was reviewed before: what is no longer as it was then counts as not done.</summary>
    public bool IsReviewed { get; init; }

    /// <summary>People have seen the plan already.</summary>
    public bool IsShown { get; set; }

    /// <summary>Where the plan was saved.</summary>
    public string? File { get; set; }

    /// <summary>Where the page for a browser was saved.</summary>
    public string? Page { get; set; }

    public PlexServer? Server { get; set; }

    public UserReference? Source { get; set; }

    public IReadOnlyList<SyncReport> Reports { get; set; } = [];

    /// <summary>Those of several users who could not be served.</summary>
    public List<LeftOutMember> LeftOut { get; } = [];

    /// <summary>The first report of something that was written and can be undone.</summary>
    public SyncReport? Written => IsDryRun ? null : Reports.FirstOrDefault(
        static report => report.Run is not null && report.Results.Any(static result => result.StateAfterRun is not null));

    public RequestCounts Requests { get; set; }

    /// <summary>What a history said that was imported; null where none was.</summary>
    public ImportedStates? Imported { get; set; }

    /// <summary>How many requests it took to read it.</summary>
    public long HistoryReads { get; set; }

    public TimeSpan Elapsed { get; set; }

    public Failure? Failure { get; set; }

    /// <summary>It ended before everything was tried.</summary>
    public bool IsStopped { get; set; }

    /// <summary>
    /// The command that does what was only shown, or undoes what was written, after the text that says so; null where there is none.
    /// </summary>
    public (string Text, string Command)? FindNext()
    {
        if (IsDryRun)
        {
            var command = File is null ? Wet : File != OutputFile.StandardOutput ? $"plexsync apply {CommandContext.Quote(File)}" : null;
            return command is not null && !IsStopped && Reports.Any(static report => report.Results.Any(IsOpen))
                ? ("Next_DoIt", command) : null;
        }

        return Name is null ? null : (Written?.Plan.SourceServer is null ? "Next_Undo" : "Next_Undo_Across", $"plexsync undo {Name}");
    }

    /// <summary>Not done yet, or not confirmed.</summary>
    public static bool IsOpen(ChangeResult result) => result.Outcome is ChangeOutcome.Planned or ChangeOutcome.Unknown;

    /// <summary>The plans before anything is tried.</summary>
    public void Planned(IEnumerable<SyncPlan> plans) => Reports =
    [
        .. plans.Select(static plan => new SyncReport
        {
            Plan = plan,
            Results = plan.Changes.Select(static change => new ChangeResult { Change = change, Outcome = ChangeOutcome.Planned }).ToList(),
        }),
    ];
}

/// <summary>One of several users who could not be served, and why.</summary>
internal sealed record LeftOutMember(UserReference User, Failure Failure);
