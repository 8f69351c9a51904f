using System.Globalization;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>What to synchronise, and how.</summary>
public sealed class SyncOptions
{
    /// <summary>The limit on removals where <see cref="MaxRemovals"/> sets none: 20.</summary>
    public const int DefaultMaxRemovals = 20;

    /// <summary>How old a whole reading may become where <see cref="WholeReadingAfter"/> says nothing: 24 hours.</summary>
    public static readonly TimeSpan DefaultWholeReadingAfter = TimeSpan.FromHours(24);

    /// <summary>The types where <see cref="Types"/> sets none: movies and episodes.</summary>
    public static IReadOnlyList<MediaType> DefaultTypes { get; } = [MediaType.Movie, MediaType.Episode];

    /// <summary>
    /// Decides what each item should become (default <see cref="ConflictPolicies.Copy"/>; for merges
    /// <see cref="ConflictPolicies.Furthest"/>).
    /// </summary>
    public IConflictPolicy? Policy { get; set; }

    /// <summary>Whether the source may change too (default <see cref="SyncDirection.OneWay"/>).</summary>
    public SyncDirection Direction { get; set; }

    /// <summary>How items of the source are found again at the target (default <see cref="MatchMode.Auto"/>).</summary>
    public MatchMode Match { get; set; }

    /// <summary>
    /// What one of the two has unwatched since their last run becomes unwatched for the other, too (default false). Needs an
    /// <see cref="ISyncStore"/>; the first run of the two with this option only remembers what both have watched.
    /// </summary>
    public bool Unwatched { get; set; }

    /// <summary>Ratings travel too, under the same policy (default false).</summary>
    public bool Ratings { get; set; }

    /// <summary>
    /// Writes again what an earlier run wrote and the server did not keep (default false: not before the source changes, or a week has
    /// passed).
    /// </summary>
    public bool RetryUnkept { get; set; }

    /// <summary>
    /// Reads only what was viewed since the last run of the same users with the same options was applied, if that can be done safely
    /// (default false). Needs an <see cref="ISyncStore"/>. Ratings, un-watching, and items that became visible since are only seen by a
    /// whole reading, and nothing is taken away without one (<see cref="SkipReason.WaitsForWholeReading"/>).
    /// </summary>
    public bool Quick { get; set; }

    /// <summary>
    /// With <see cref="Quick"/>, everything is read again if it was last read longer ago (default <see cref="DefaultWholeReadingAfter"/>);
    /// at least five minutes.
    /// </summary>
    public TimeSpan WholeReadingAfter { get; set; } = DefaultWholeReadingAfter;

    /// <summary>
    /// Planning writes nothing to the server at all: killed runs stay as they are, and the plan is made from what is there. Applying with
    /// this option is refused (default false).
    /// </summary>
    public bool DryRun { get; set; }

    /// <summary>
    /// The libraries to synchronise, by title or key, as the source sees them; all of <see cref="Types"/> if empty (default).
    /// </summary>
    public IReadOnlyList<string> Libraries { get; set; } = [];

    /// <summary>The libraries to leave out, by title or key (default none).</summary>
    public IReadOnlyList<string> ExcludedLibraries { get; set; } = [];

    /// <summary>The types to synchronise (default <see cref="DefaultTypes"/>).</summary>
    public IReadOnlyList<MediaType> Types { get; set; } = DefaultTypes;

    /// <summary>
    /// Only episodes of the shows, or tracks of the artists, with these titles or rating keys (<c>17</c>, <c>key:17</c>) on the source's
    /// server; capitals do not matter, and a title that several shows have is refused. Everything if empty (default).
    /// </summary>
    public IReadOnlyList<string> Shows { get; set; } = [];

    /// <summary>
    /// Only movies that have one of these labels, and episodes that have one themselves, on their season or on their show; everything if
    /// empty (default). In any capitals, as the server of the source tells its owner. Together with <see cref="Collections"/>,
    /// <see cref="Shows"/> or <see cref="Libraries"/>, only what all of them choose.
    /// </summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>
    /// Only movies that are in one of these collections, and episodes that are, or whose season or show is; everything if empty (default).
    /// By name in any capitals, in each of the libraries that has such a collection, or as <c>key:17</c>.
    /// </summary>
    public IReadOnlyList<string> Collections { get; set; } = [];

    /// <summary>
    /// In a merge, how many of the users must have watched an item before it becomes watched for the others (default 1). As long as it
    /// were fewer, those who have watched it neither give anything nor get anything but ratings.
    /// </summary>
    public int Quorum { get; set; } = 1;

    /// <summary>Only some items of the libraries are meant, whatever anybody has seen of them.</summary>
    internal bool ChoosesItems => Shows.Count + Labels.Count + Collections.Count > 0;

    /// <summary>
    /// Only what the source viewed at this time or later; in two directions, what either of the two viewed then. Everything if null
    /// (default).
    /// </summary>
    public DateTimeOffset? Since { get; set; }

    /// <summary>Only changes of this kind; both if null (default).</summary>
    public StateKind? Only { get; set; }

    /// <summary>How many removals a plan may hold before it is refused whole; null (default) means 20, and no limit for an undo.</summary>
    /// <remarks>
    /// A removal un-watches an item, clears a position without marking the item watched, lowers a view count, or takes a rating away.
    /// </remarks>
    public int? MaxRemovals { get; set; }

    /// <summary>
    /// Whether a user plays an item, or has it open: what anybody in the run is playing is left for another time then, and not only what a
    /// target is playing as far as the server lists it.
    /// </summary>
    internal Func<PlexServer, RatingKey, bool, bool>? WaitsForPlayers { get; set; }

    /// <summary>Nothing is taken away, however much was read.</summary>
    internal bool OnlyAdds { get; set; }

    /// <summary>The policy, and how much is asked for.</summary>
    public override string ToString() =>
        $"{Policy?.Name ?? "the usual policy"}, {Words.ToWord(Direction)}, matched by {Words.ToWord(Match)}, "
        + $"{(ChoosesItems ? "chosen" : "all")} items of {(Libraries.Count > 0 ? "chosen" : "all")} libraries"
        + (DryRun ? ", dry run" : "");

    /// <summary>Refuses options that do not go together.</summary>
    /// <param name="targets">How many targets there are.</param>
    /// <param name="isOneServer">Source and targets are on one server.</param>
    internal void RequireSense(int targets, bool isOneServer)
    {
        if (Direction is SyncDirection.TwoWay && Policy == ConflictPolicies.Mirror)
        {
            throw OptionFailure.Conflict(nameof(Policy), nameof(SyncJob.TwoWay), "Two users cannot mirror each other.");
        }

        if (this is { Direction: SyncDirection.TwoWay, Unwatched: true } && targets > 1)
        {
            throw OptionFailure.Conflict(
                nameof(Unwatched),
                nameof(SyncJob.TwoWay),
                "What one of several users unwatched, and another watched, cannot be told apart: name one target.");
        }

        if (Match is MatchMode.Key && !isOneServer)
        {
            throw OptionFailure.Conflict(
                nameof(Match), nameof(SyncJob.Server), "Rating keys mean nothing on another server: match by identifiers.");
        }

        // By these names a plan says that it rests on no other user, so that there is nothing to prove.
        if (Policy is not null && PlanNames.All.Contains(Policy.Name))
        {
            throw OptionFailure.Invalid(nameof(Policy), Policy.Name);
        }

        if (Quorum != 1)
        {
            throw OptionFailure.Missing(nameof(SyncJob.Users), nameof(Quorum), "Only a merge of several users has a quorum.");
        }

        RequireTypes();
    }

    /// <summary>Refuses options that a merge cannot keep to.</summary>
    internal void RequireMerge()
    {
        if (Quorum < 1)
        {
            throw OptionFailure.Invalid(nameof(Quorum), Quorum.ToString(CultureInfo.InvariantCulture));
        }

        if (Policy is not null && !ConflictPolicies.Merging.Contains(Policy))
        {
            throw OptionFailure.NoPolicy(Policy.Name, ConflictPolicies.Merging);
        }

        RequireTypes();
    }

    private void RequireTypes()
    {
        if (WholeReadingAfter < TimeSpan.FromMinutes(5))
        {
            throw OptionFailure.Invalid(nameof(WholeReadingAfter), $"{WholeReadingAfter}");
        }

        var other = Types.Where(static type => !type.IsLeaf).Select(static type => $"{type}").FirstOrDefault();
        if (Types.Count == 0 || other is not null)
        {
            throw OptionFailure.Invalid(nameof(Types), other, SyncJob.TypeWords);
        }
    }
}

/// <summary>How items of one user are found again at another.</summary>
[JsonConverter(typeof(WordConverter<MatchMode>))]
public enum MatchMode
{
    /// <summary>By rating key on the same server; by identifiers where the target may not see that key, and across servers.</summary>
    Auto,

    /// <summary>By rating key: on the same server only.</summary>
    Key,

    /// <summary>By identifiers: every copy of a work counts as the work.</summary>
    Ids,
}

/// <summary>The two halves of a watch state.</summary>
[JsonConverter(typeof(WordConverter<StateKind>))]
public enum StateKind
{
    /// <summary>Watched or not.</summary>
    Watched,

    /// <summary>The position of what is in progress.</summary>
    Progress,
}
