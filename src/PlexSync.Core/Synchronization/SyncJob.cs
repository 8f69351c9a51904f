namespace PlexSync;

/// <summary>
/// A sync as a configuration describes it, in words: whose state goes to whom, by which rule, and what of it.
/// </summary>
/// <remarks>
/// A job is data: it knows no server and no token. <see cref="Validate"/> checks it, <see cref="CreateOptions"/> makes the
/// <see cref="SyncOptions"/> for a plan of it, and <see cref="SyncRoute.FindLoop"/> finds two jobs that would undo each other's work.
/// </remarks>
public sealed class SyncJob
{
    /// <summary>The name of the job; null where there is only one.</summary>
    public string? Name { get; set; }

    /// <summary>The server, by name, machine identifier or address; null (default) for the only one of the account.</summary>
    public string? Server { get; set; }

    /// <summary>Whose state is copied, by any name; null (default) for the owner of the token.</summary>
    public string? From { get; set; }

    /// <summary>Whom it is copied to, by any name.</summary>
    public IReadOnlyList<string> To { get; set; } = [];

    /// <summary>It is copied to everybody in the Home (default false), but for <see cref="Except"/>.</summary>
    public bool ToAll { get; set; }

    /// <summary>Whom <see cref="ToAll"/> leaves out.</summary>
    public IReadOnlyList<string> Except { get; set; } = [];

    /// <summary>
    /// The users of a merge, two at least: all of them get what any of them has. A job has exactly one of <see cref="To"/>,
    /// <see cref="ToAll"/> and these.
    /// </summary>
    public IReadOnlyList<string> Users { get; set; } = [];

    /// <summary>The source may change, too (default false).</summary>
    public bool TwoWay { get; set; }

    /// <summary>The name of the policy; null (default) for <c>copy</c>, and for <c>furthest</c> in a merge.</summary>
    public string? Policy { get; set; }

    /// <summary>How items are found again (<see cref="MatchWords"/>); null (default) for <c>auto</c>.</summary>
    public string? Match { get; set; }

    /// <inheritdoc cref="SyncOptions.Unwatched"/>
    public bool Unwatched { get; set; }

    /// <inheritdoc cref="SyncOptions.Ratings"/>
    public bool Ratings { get; set; }

    /// <inheritdoc cref="SyncOptions.RetryUnkept"/>
    public bool RetryUnkept { get; set; }

    /// <inheritdoc cref="SyncOptions.Quick"/>
    public bool Quick { get; set; }

    /// <summary>The libraries, by title or key; those that begin with <c>!</c> are left out. All if empty (default).</summary>
    public IReadOnlyList<string> Libraries { get; set; } = [];

    /// <summary>
    /// The types (<see cref="TypeWords"/>); those that begin with <c>!</c> are left out. <see cref="SyncOptions.DefaultTypes"/> if none is
    /// named (default).
    /// </summary>
    public IReadOnlyList<string> Types { get; set; } = [];

    /// <inheritdoc cref="SyncOptions.Shows"/>
    public IReadOnlyList<string> Shows { get; set; } = [];

    /// <inheritdoc cref="SyncOptions.Labels"/>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <inheritdoc cref="SyncOptions.Collections"/>
    public IReadOnlyList<string> Collections { get; set; } = [];

    /// <summary>
    /// How many of <see cref="Users"/> must have watched an item before it becomes watched for the others (<see cref="SyncOptions.Quorum"/>);
    /// 1 if null (default).
    /// </summary>
    public int? Quorum { get; set; }

    /// <summary>
    /// Only what was viewed since then: a day in UTC (<c>2026-01-31</c>), or so many hours, days, weeks or years before the plan is made
    /// (<c>12h</c>, <c>30d</c>, <c>8w</c>, <c>1y</c>). Everything if null (default).
    /// </summary>
    public string? Since { get; set; }

    /// <summary>Only changes of this kind (<see cref="OnlyWords"/>); both if null (default).</summary>
    public string? Only { get; set; }

    /// <inheritdoc cref="SyncOptions.MaxRemovals"/>
    public int? MaxRemovals { get; set; }

    /// <summary>The words for <see cref="Match"/>: <c>auto</c>, <c>key</c>, <c>guid</c>.</summary>
    public static IReadOnlyList<string> MatchWords => JobWords.Matches;

    /// <summary>The words for <see cref="Types"/>: <c>movie</c>, <c>episode</c>, <c>track</c>.</summary>
    public static IReadOnlyList<string> TypeWords => JobWords.Types;

    /// <summary>The words for <see cref="Only"/>: <c>watched</c>, <c>progress</c>.</summary>
    public static IReadOnlyList<string> OnlyWords => JobWords.Kinds;

    /// <summary>The name and the users.</summary>
    public override string ToString() => $"{Name ?? "job"}: "
        + (IsMerge ? string.Join(" + ", Users) : $"{From ?? "owner"} {(TwoWay ? "↔" : "→")} {(ToAll ? "all" : string.Join(", ", To))}");

    internal bool IsMerge => Users.Count > 0;

    /// <summary>What any of its users views matters, not only what the source does.</summary>
    internal bool IsMutual => TwoWay || IsMerge;

    /// <summary>Refuses a job that cannot be run. This checks all that can be checked without a server.</summary>
    /// <param name="timeProvider">The clock that <see cref="Since"/> is measured by; the system's if null.</param>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.MissingOption"/>: it names nobody, or needs another option. <see cref="PlexErrorKind.OptionsConflict"/>: it
    /// has two of <see cref="To"/>, <see cref="ToAll"/> and <see cref="Users"/>, or options that do not go together.
    /// <see cref="PlexErrorKind.InvalidOption"/> or <see cref="PlexErrorKind.PolicyNotFound"/>: it has a word that means nothing.
    /// <see cref="PlexException.Option"/> is the property.
    /// </exception>
    public void Validate(TimeProvider? timeProvider = null)
    {
        RequireSomebody();
        CreateOptions(timeProvider);
    }

    /// <summary>
    /// What is to be synchronised, and how; for <see cref="Users"/>, the options of a merge. Nobody needs to be named yet; all that is set
    /// has to fit together.
    /// </summary>
    /// <param name="timeProvider">The clock that <see cref="Since"/> is measured by; the system's if null.</param>
    /// <exception cref="PlexException">As for <see cref="Validate"/>.</exception>
    public SyncOptions CreateOptions(TimeProvider? timeProvider = null)
    {
        var libraries = JobWords.Split(nameof(Libraries), Libraries);
        var options = new SyncOptions
        {
            Policy = Policy is null ? null : JobWords.FindPolicy(Policy, IsMerge ? ConflictPolicies.Merging : ConflictPolicies.All),
            Direction = TwoWay ? SyncDirection.TwoWay : SyncDirection.OneWay,
            Match = JobWords.FindMatch(Match),
            Unwatched = Unwatched,
            Ratings = Ratings,
            RetryUnkept = RetryUnkept,
            Quick = Quick,
            Libraries = libraries.Wanted,
            ExcludedLibraries = libraries.Excluded,
            Types = JobWords.FindTypes(Types),
            Shows = Shows,
            Labels = Labels,
            Collections = Collections,
            Quorum = Quorum ?? 1,
            Since = JobWords.FindSince(Since, (timeProvider ?? TimeProvider.System).GetUtcNow()),
            Only = JobWords.FindKind(Only),
            MaxRemovals = MaxRemovals is < 0 ? throw OptionFailure.Invalid(nameof(MaxRemovals), $"{MaxRemovals}") : MaxRemovals,
        };
        if (IsMerge)
        {
            RequireMerge();
        }
        else
        {
            // How many users ToAll means is known only when the Home was read.
            options.RequireSense(ToAll ? int.MaxValue : To.Count, isOneServer: true);
        }

        return options;
    }

    private void RequireSomebody()
    {
        string[] named = [.. Given((nameof(To), To.Count > 0), (nameof(ToAll), ToAll), (nameof(Users), IsMerge))];
        if (named.Length == 0)
        {
            throw OptionFailure.Missing(nameof(To), needs: null, $"The job '{Name}' has none of To, ToAll and Users.");
        }

        if (named.Length > 1)
        {
            throw OptionFailure.Conflict(named[0], named[1], $"The job '{Name}' has {named[0]} and {named[1]}: one of them is enough.");
        }

        if (Except.Count > 0 && !ToAll)
        {
            throw OptionFailure.Missing(nameof(ToAll), nameof(Except), $"The job '{Name}' leaves users out of nobody: it lacks ToAll.");
        }

        foreach (var (option, users) in new[] { (nameof(To), To), (nameof(Except), Except), (nameof(Users), Users) })
        {
            if (users.FirstOrDefault(string.IsNullOrWhiteSpace) is { } blank)
            {
                throw OptionFailure.Invalid(option, blank);
            }
        }
    }

    private void RequireMerge()
    {
        if (Users.Count < 2)
        {
            throw OptionFailure.Invalid(nameof(Users), Users[0]);
        }

        if (Quorum < 1 || Quorum > Users.Count)
        {
            throw OptionFailure.Invalid(
                nameof(Quorum), $"{Quorum}", [.. Enumerable.Range(1, Users.Count).Select(static number => $"{number}")]);
        }

        var other = Given(
            (nameof(From), From is not null), (nameof(TwoWay), TwoWay), (nameof(Unwatched), Unwatched), (nameof(Match), Match is not null));
        if (other.FirstOrDefault() is { } option)
        {
            throw OptionFailure.Conflict(option, nameof(Users), $"{option} means nothing to a merge: all its users are equal.");
        }
    }

    private static IEnumerable<string> Given(params IEnumerable<(string Option, bool IsGiven)> options) =>
        options.Where(static option => option.IsGiven).Select(static option => option.Option);
}
