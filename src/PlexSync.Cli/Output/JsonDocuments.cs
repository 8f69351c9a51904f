using System.Globalization;
using System.Text.Json.Serialization;

namespace PlexSync.Cli.Output;

/// <summary>A failure: a word of a closed list, a sentence in the user's language, the exit code.</summary>
/// <param name="Kind">
/// A <see cref="PlexErrorKind"/> in camelCase, or <c>usage</c>, <c>configuration</c>, <c>noToken</c>, <c>policyNotFound</c>,
/// <c>partial</c>, <c>cancelled</c>, <c>unexpected</c>.
/// </param>
/// <param name="Message">What happened and what to do.</param>
/// <param name="ExitCode">The exit code of the process.</param>
internal sealed record ErrorDocument(string Kind, string Message, int ExitCode)
{
    public static ErrorDocument Of(Failure failure) => new(failure.Kind, failure.Message, failure.ExitCode);
}

/// <summary>What a command prints that fails before it has anything to tell.</summary>
internal sealed record FailureDocument(ErrorDocument Error);

/// <summary><c>plexsync login --json</c>. Credentials: the file that keeps the access.</summary>
internal sealed record LoginDocument(UserReferenceDocument Account, string Credentials);

/// <summary><c>plexsync logout --json</c>. Removed: there was something to forget.</summary>
internal sealed record LogoutDocument(bool Removed, string Credentials);

/// <summary><c>plexsync users --json</c>. Kind: <c>owner</c> (of the token), <c>managed</c>, <c>home</c>, <c>friend</c>.</summary>
internal sealed record UsersDocument(IReadOnlyList<UserDocument> Users);

/// <param name="Id">The number of the account.</param>
/// <param name="Title">The name that Plex shows.</param>
/// <param name="ListedTitle">The title of the profile where Plex shows another name; else null.</param>
/// <param name="Username">The user name; null for managed users.</param>
/// <param name="Kind">See <see cref="UsersDocument"/>.</param>
/// <param name="Pin">A PIN is needed.</param>
internal sealed record UserDocument(long Id, string Title, string? ListedTitle, string? Username, string Kind, bool Pin);

/// <summary><c>plexsync libraries --json</c>. Syncable: a library of movies or shows.</summary>
internal sealed record LibrariesDocument(ServerDocument Server, UserReferenceDocument User, IReadOnlyList<LibraryDocument> Libraries);

internal sealed record LibraryDocument(string Key, string Title, string Type, bool Syncable);

/// <summary><c>plexsync servers --json</c>. Addresses: best first.</summary>
internal sealed record ServersDocument(IReadOnlyList<ServerResourceDocument> Servers);

internal sealed record ServerResourceDocument(
    string MachineIdentifier, string Name, string? Version, bool Owned, bool Online, IReadOnlyList<string> Addresses);

/// <summary><c>plexsync doctor --json</c>. The exit code is the gravest of the checks that failed.</summary>
internal sealed record DoctorDocument(IReadOnlyList<CheckDocument> Checks, int ExitCode);

/// <summary>One check. Status: <c>ok</c>, <c>warning</c>, <c>failed</c>, <c>skipped</c>.</summary>
internal sealed record CheckDocument(
    string Check,
    string Status,
    string Message,
    string? Remedy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] UserReferenceDocument? User)
{
    public static CheckDocument Of(Check check) =>
        new(
            check.Name,
            Failure.NameOf(check.Status),
            check.Message,
            check.Remedy,
            check.User is { } user ? UserReferenceDocument.Of(user) : null);
}

/// <summary><c>plexsync runs --json</c>, newest first.</summary>
internal sealed record RunsDocument(IReadOnlyList<RunDocument> Runs);

/// <summary>What a run did to one target, as far as it was recorded.</summary>
internal sealed record RunDocument(
    string Run,
    string StartedAt,
    ServerDocument Server,
    UserReferenceDocument Source,
    UserReferenceDocument Target,
    string Policy,
    string? Undoes,
    bool Finished,
    int Changes,
    IReadOnlyDictionary<string, int> Outcomes,
    long? Number,
    string? UndoneBy)
{
    public static RunDocument Of(SyncRun run, IReadOnlyList<SyncRun> all) => new(
        $"{run.Id}",
        StateDocument.Time(run.StartedAt),
        ServerDocument.Of(run.Server),
        UserReferenceDocument.Of(run.Source),
        UserReferenceDocument.Of(run.Target),
        run.Policy,
        run.Undoes?.ToString(),
        run.IsFinished,
        run.Changes,
        Words(run.Outcomes),
        run.Number > 0 ? run.Number : null,
        run.FindUndo(all)?.Id.ToString());

    private static Dictionary<string, int> Words(IReadOnlyDictionary<ChangeOutcome, int> outcomes)
    {
        var words = new Dictionary<string, int>();
        foreach (var (outcome, count) in outcomes)
        {
            words.Add(Failure.NameOf(outcome), count);
        }

        return words;
    }
}

/// <summary><c>plexsync snapshot --json</c>.</summary>
internal sealed record SnapshotDocument(ServerDocument Server, UserReferenceDocument User, string File, int Items);

/// <summary><c>plexsync explain --json</c>.</summary>
internal sealed record ExplainDocument(
    ServerDocument Server, UserReferenceDocument Source, UserReferenceDocument Target, string Policy,
    IReadOnlyList<ExplanationDocument> Items)
{
    public static ExplainDocument Of(
        PlexServer source, PlexServer target, string policy, IReadOnlyList<ItemExplanation> explanations, Texts texts) =>
        new(
        ServerDocument.Of(target),
        UserReferenceDocument.Of(source.User),
        UserReferenceDocument.Of(target.User),
        policy,
        explanations.Select(explanation => ExplanationDocument.Of(explanation, texts)).ToList());
}

/// <summary>One work: its copies on either side, how they were matched, what comes of it and why.</summary>
internal sealed record ExplanationDocument(
    IReadOnlyList<CopyDocument> Source,
    IReadOnlyList<CopyDocument> Target,
    string? Match,
    string Verdict,
    ReasonDocument? Skipped,
    IReadOnlyList<ChangeDocument> Changes,
    IReadOnlyList<ChangeDocument> SourceChanges)
{
    public static ExplanationDocument Of(ItemExplanation explanation, Texts texts) => new(
        explanation.Source.Select(CopyDocument.Of).ToList(),
        explanation.Target.Select(CopyDocument.Of).ToList(),
        explanation.Match is { } match ? Failure.NameOf(match) : null,
        Failure.NameOf(explanation.Verdict),
        ReasonDocument.Of(explanation.SkipReason, texts),
        ToDocuments(explanation.Changes, texts),
        ToDocuments(explanation.SourceChanges, texts));

    private static List<ChangeDocument> ToDocuments(IReadOnlyList<PlannedChange> changes, Texts texts) =>
        changes.Select(change => ChangeDocument.Of(new ChangeResult { Change = change, Outcome = ChangeOutcome.Planned }, texts)).ToList();
}

internal sealed record CopyDocument(string RatingKey, string Title, StateDocument State)
{
    public static CopyDocument Of(MediaItem item) => new($"{item.RatingKey}", item.DisplayTitle, StateDocument.Of(item.State));
}

internal sealed record ServerDocument(string MachineIdentifier, string Name, string Version)
{
    public static ServerDocument Of(PlexServer server) => new($"{server.MachineIdentifier}", server.Name, server.Version);

    public static ServerDocument Of(ServerReference server) => new($"{server.MachineIdentifier}", server.Name, server.Version);
}

internal sealed record UserReferenceDocument(long Id, string Title)
{
    public static UserReferenceDocument Of(PlexUser user) => new(user.Id.Value, user.Title);

    public static UserReferenceDocument Of(UserReference user) => new(user.Id.Value, user.Title);
}

/// <summary><c>plexsync sync --json</c>; after a failure with <c>error</c> and with whatever was known by then.</summary>
internal sealed record SyncDocument
{
    /// <summary>The job, where one was named.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Job { get; init; }

    public required string Run { get; init; }

    public required bool DryRun { get; init; }

    public ServerDocument? Server { get; init; }

    public UserReferenceDocument? Source { get; init; }

    /// <summary>What an imported history said; of imports only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImportDocument? Import { get; init; }

    /// <summary>Where only changes were asked for: <c>changed</c> or <c>whole</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reading { get; init; }

    /// <summary>A <see cref="PlexSync.WholeReadingReason"/>: why everything was read all the same.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? WholeBecause { get; init; }

    public required IReadOnlyList<TargetDocument> Targets { get; init; }

    public required RequestsDocument Requests { get; init; }

    public required long ElapsedMs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? File { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Report { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorDocument? Error { get; init; }

    public static SyncDocument Of(SyncOutcome outcome, Texts texts) =>
        Of(outcome, outcome.Reports.Count > 0 ? outcome.Reports[0].Plan : null, texts);

    private static SyncDocument Of(SyncOutcome outcome, SyncPlan? plan, Texts texts) => new()
    {
        Job = outcome.Job,
        Run = $"{outcome.Id}",
        DryRun = outcome.IsDryRun,
        Server = outcome.Server is { } server ? ServerDocument.Of(server) : null,
        Source = outcome.Source is { } source ? UserReferenceDocument.Of(source) : null,
        Import = outcome.Imported is { } states ? ImportDocument.Of(states) : null,
        Reading = plan is { WholeBecause: not null } or { Reading: ReadingScope.Changed } ? Failure.NameOf(plan.Reading) : null,
        WholeBecause = plan?.WholeBecause is { } reason ? Failure.NameOf(reason) : null,
        Targets =
        [
            .. outcome.Reports.Select(report => TargetDocument.Of(report, outcome.Source, texts)),
            .. outcome.LeftOut.Select(TargetDocument.Of),
        ],
        Requests = new(outcome.Requests.Reads, outcome.Requests.Writes),
        ElapsedMs = (long)outcome.Elapsed.TotalMilliseconds,
        File = outcome.File,
        Report = outcome.Page,
        Error = outcome.Failure is { } failure ? ErrorDocument.Of(failure) : null,
    };
}

/// <summary>What a history said: how many entries, about how many items, and which of them nothing can be made of.</summary>
internal sealed record ImportDocument(
    long Entries, int Items, IReadOnlyDictionary<string, long> OtherKinds, long UnusableCount,
    IReadOnlyList<UnusableDocument> Unusable)
{
    public static ImportDocument Of(ImportedStates states) => new(
        states.Entries,
        states.Items.Count,
        states.OtherKinds,
        states.UnusableCount,
        states.Unusable.Select(static entry => new UnusableDocument(entry.Position, entry.Title, Failure.NameOf(entry.Reason))).ToList());
}

/// <summary>An entry that nothing can be made of. Reason: an <see cref="UnusableReason"/>.</summary>
internal sealed record UnusableDocument(long Position, string? Title, string Reason);

/// <summary><c>plexsync sync --all-jobs --json</c>. The exit code is the gravest of the jobs'.</summary>
internal sealed record JobsDocument(IReadOnlyList<SyncDocument> Jobs, int ExitCode);

/// <summary>Every HTTP attempt: writes change watch state, all else is a read.</summary>
internal sealed record RequestsDocument(long Reads, long Writes);

/// <summary>One target. Error: what stopped its run midway.</summary>
internal sealed record TargetDocument
{
    public required UserReferenceDocument User { get; init; }

    /// <summary>The server that is written to, where it is not the source's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServerDocument? Server { get; init; }

    /// <summary>Whose state it gets, where that is not just the one source's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<UserReferenceDocument>? Sources { get; init; }

    public required string Identity { get; init; }

    public required string Policy { get; init; }

    public required IReadOnlyList<LibraryResultDocument> Libraries { get; init; }

    public required IEnumerable<ChangeDocument> Changes { get; init; }

    public required IReadOnlyDictionary<string, int> Skipped { get; init; }

    /// <summary>The items that were skipped because the server sent a state that cannot be: nobody would know which otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ItemDocument>? Damaged { get; init; }

    public required int Applied { get; init; }

    public required int Failed { get; init; }

    public required int Verified { get; init; }

    /// <summary>The run that is taken back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Undoes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReasonDocument? Error { get; init; }

    public static TargetDocument Of(LeftOutMember member) => new()
    {
        User = UserReferenceDocument.Of(member.User),
        Identity = "none",
        Policy = "",
        Libraries = [],
        Changes = [],
        Skipped = new Dictionary<string, int>(),
        Applied = 0,
        Failed = 0,
        Verified = 0,
        Error = new ReasonDocument(member.Failure.Kind, member.Failure.Message),
    };

    public static TargetDocument Of(SyncReport report, UserReference? source, Texts texts) => new()
    {
        User = UserReferenceDocument.Of(report.Plan.Target),
        Server = report.Plan.SourceServer is null ? null : ServerDocument.Of(report.Plan.Server),
        Sources = report.Plan.MoreSources.Count == 0 && report.Plan.Source == source ? null
            : report.Plan.MoreSources.Prepend(report.Plan.Source).Select(UserReferenceDocument.Of).ToList(),
        Identity = Failure.NameOf(report.Plan.Identity),
        Policy = report.Plan.Policy,
        Libraries = report.Plan.Libraries.Select(library => new LibraryResultDocument(
            $"{library.Library.Key}",
            library.Library.Title,
            new(library.SourceItems, library.TargetItems),
            // Across servers, the key of one that was left out may be another one's too.
            library.Error is null ? report.Plan.Changes.Count(change => change.Library == library.Library.Key) : 0,
            ReasonDocument.Of(library.Error, texts))).ToList(),
        Changes = report.Results.Select(result => ChangeDocument.Of(result, texts)),
        Skipped = SkipCount.Of(report).ToDictionary(static skip => Failure.NameOf(skip.Reason), static skip => skip.Count),
        Damaged = report.Plan.Skipped.Where(static skipped => skipped.Reason is SkipReason.StateDamaged)
            .Select(static skipped => new ItemDocument($"{skipped.Item.RatingKey}", skipped.Item.DisplayTitle))
            .ToList() is { Count: > 0 } damaged ? damaged : null,
        Applied = report.Count(ChangeOutcome.Applied),
        Failed = report.Count(ChangeOutcome.Failed),
        Verified = report.Verified,
        Undoes = report.Plan.Undoes?.ToString(),
        Error = ReasonDocument.Of(report.Error, texts),
    };
}

internal sealed record ItemDocument(string RatingKey, string Title);

internal sealed record LibraryResultDocument(string Key, string Title, ReadDocument Read, int Changes, ReasonDocument? Error);

/// <summary>How many items each side listed.</summary>
internal sealed record ReadDocument(int Source, int Target);

internal sealed record ChangeDocument
{
    public required string RatingKey { get; init; }

    public required string Type { get; init; }

    public required string Title { get; init; }

    public required string Action { get; init; }

    public required StateDocument Before { get; init; }

    public required StateDocument After { get; init; }

    public required string Reason { get; init; }

    public required string Outcome { get; init; }

    /// <summary>What no undo can bring back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Lost { get; init; }

    public ReasonDocument? Error { get; init; }

    public static ChangeDocument Of(ChangeResult result, Texts texts) => new()
    {
        RatingKey = $"{result.Change.Item.RatingKey}",
        Type = $"{result.Change.Item.Type}",
        Title = result.Change.Item.DisplayTitle,
        Action = Failure.NameOf(result.Change.Action),
        Before = StateDocument.Of(result.Change.Before),
        After = StateDocument.Of(result.Change.After),
        Reason = $"{result.Change.Reason}",
        Outcome = Failure.NameOf(result.Outcome),
        Lost = Words(result.Change.Lost),
        Error = ReasonDocument.Of(result.SkipReason, texts) ?? ReasonDocument.Of(result.Error, texts),
    };

    private static List<string>? Words(LostState lost)
    {
        List<string> words = [];
        foreach (var part in Enum.GetValues<LostState>())
        {
            if (part is not LostState.None && lost.HasFlag(part))
            {
                words.Add(Failure.NameOf(part));
            }
        }

        return words.Count > 0 ? words : null;
    }
}

/// <summary>
/// Why a library, an item or a target could not be done: a <see cref="PlexErrorKind"/> or a <see cref="SkipReason"/> in camelCase, and a
/// sentence.
/// </summary>
internal sealed record ReasonDocument(string Kind, string Message)
{
    public static ReasonDocument? Of(SkipReason? skipped, Texts texts) =>
        skipped is { } reason ? new(Failure.NameOf(reason), texts[$"Reason_{reason}"]) : null;

    public static ReasonDocument? Of(PlexException? error, Texts texts) =>
        error is null ? null : new(Failure.NameOf(error.Kind), Failure.Describe(error, texts));
}

internal sealed record StateDocument(int ViewCount, long PositionMs, string? LastViewedAt, double? UserRating)
{
    public static StateDocument Of(WatchState state) => new(
        state.ViewCount,
        (long)state.Position.TotalMilliseconds,
        state.LastViewedAt is { } time ? Time(time) : null,
        state.UserRating);

    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
