using System.Globalization;
using System.Text;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>
/// What every policy makes of every case, in either direction: the tables of <c>docs/policies.md</c> are what the code does.
/// </summary>
public sealed class DecisionTableTests
{
    private const string Begin = "<!-- made by DecisionTableTests -->\n";
    private const string End = "<!-- end -->";

    private static readonly MediaItem Movie =
        new() { RatingKey = RatingKey.Parse("1"), Type = MediaType.Movie, Title = "Movie", Duration = TimeSpan.FromMinutes(100) };
    private static readonly WatchState[] Sources = [State(0, 0), State(0, 20), State(1, 0), State(1, 20)];
    private static readonly WatchState[] Targets = [State(0, 0), State(0, 10), State(0, 40), State(1, 0), State(1, 40)];

    [Fact]
    public void Tables_of_the_documentation_are_what_the_policies_do()
    {
        var path = Path.Combine(Repository.Root, "docs", "policies.md");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var tables = Tables();
        if (text[from..to] != tables)
        {
            File.WriteAllText(Path.ChangeExtension(path, ".received.md"), text[..from] + tables + text[to..]);
        }

        Assert.Equal(tables, text[from..to]);
    }

    [Fact]
    public void Every_case_comes_to_rest_at_once()
    {
        foreach (var policy in ConflictPolicies.All)
        {
            foreach (var (source, target) in Cases())
            {
                foreach (var direction in DirectionsOf(policy))
                {
                    var (sourceAfter, targetAfter, _, _) = Apply(policy, direction, source, target);
                    var (again, andAgain, _, _) = Apply(policy, direction, sourceAfter, targetAfter);

                    Assert.True(
                        again.Matches(sourceAfter) && andAgain.Matches(targetAfter),
                        $"{policy.Name} {direction}: {Words(source)} / {Words(target)}");
                }
            }
        }
    }

    private static string Tables()
    {
        var text = new StringBuilder();
        foreach (var policy in ConflictPolicies.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {policy.Name}\n\n");
            text.Append(policy == ConflictPolicies.Mirror
                ? "| source | target | viewed last | the target becomes | writes | reason |\n|---|---|---|---|---|---|\n"
                : "| source | target | viewed last | the target becomes | writes | reason "
                    + "| two-way: the target becomes | and the source | writes | reasons |\n|---|---|---|---|---|---|---|---|---|---|\n");
            foreach (var (source, target) in Cases())
            {
                var last = source.IsEmpty || target.IsEmpty ? "" : source.LastViewedAt > target.LastViewedAt ? "source" : "target";
                text.Append(CultureInfo.InvariantCulture, $"| {Words(source)} | {Words(target)} | {last} |");
                foreach (var direction in DirectionsOf(policy))
                {
                    var (sourceAfter, targetAfter, reason, back) = Apply(policy, direction, source, target);
                    text.Append(CultureInfo.InvariantCulture, $" {After(target, targetAfter)} |");
                    if (direction is SyncDirection.TwoWay)
                    {
                        text.Append(CultureInfo.InvariantCulture, $" {After(source, sourceAfter)} |");
                    }

                    List<string> writes =
                        [.. Writes("", target, targetAfter), .. Writes(
                            direction is SyncDirection.TwoWay ? "source: " : "", source, sourceAfter)];
                    List<string> reasons = [.. Reason(target, targetAfter, reason), .. Reason(source, sourceAfter, back)];
                    text.Append(CultureInfo.InvariantCulture, $" {string.Join(", ", writes)} | {string.Join(", ", reasons)} |");
                }

                text.Append('\n');
            }
        }

        return text.Append('\n').ToString();
    }

    private static IEnumerable<(WatchState Source, WatchState Target)> Cases()
    {
        foreach (var source in Sources)
        {
            foreach (var target in Targets)
            {
                if (source.IsEmpty || target.IsEmpty)
                {
                    yield return (At(source, 1), At(target, 1));
                }
                else
                {
                    yield return (At(source, 2), At(target, 1));
                    yield return (At(source, 1), At(target, 2));
                }
            }
        }
    }

    private static SyncDirection[] DirectionsOf(IConflictPolicy policy) =>
        policy == ConflictPolicies.Mirror ? [SyncDirection.OneWay] : [SyncDirection.OneWay, SyncDirection.TwoWay];

    /// <summary>
    /// One run: the policy, and what the server can be made to store of it; what was written has the later of the two dates.
    /// </summary>
    private static (WatchState Source, WatchState Target, ChangeReason Reason, ChangeReason Back) Apply(
        IConflictPolicy policy, SyncDirection direction, WatchState source, WatchState target)
    {
        var resolution = policy.Resolve(new ConflictContext { Item = Movie, Source = source, Target = target, Direction = direction });
        var (targetAfter, _) = PlexWriteRules.Reach(target, resolution.Target, Movie.Duration, 0.9);
        var (sourceAfter, _) = PlexWriteRules.Reach(source, resolution.Source, Movie.Duration, 0.9);
        return (Dated(source, sourceAfter, target), Dated(target, targetAfter, source), resolution.Reason, resolution.SourceReason);

        static WatchState Dated(WatchState before, WatchState after, WatchState other) => after.Matches(before) ? after
            : after with
            {
                LastViewedAt = BuiltInPolicy.IsLater(before.LastViewedAt, other.LastViewedAt) ? before.LastViewedAt : other.LastViewedAt,
            };
    }

    private static IEnumerable<string> Writes(string whose, WatchState before, WatchState after)
    {
        if (after.Matches(before))
        {
            yield break;
        }

        foreach (var mark in StateWrites.MarksFrom(before, after))
        {
            yield return $"{whose}{(mark is Mark.Watched ? "scrobble" : "unscrobble")}";
        }

        if (StateWrites.WritesPosition(before, after))
        {
            yield return $"{whose}timeline";
        }
    }

    private static IEnumerable<string> Reason(WatchState before, WatchState after, ChangeReason reason) =>
        after.Matches(before) ? [] : [$"`{reason}`"];

    private static string After(WatchState before, WatchState after) => after.Matches(before) ? "=" : Words(after);

    private static string Words(WatchState state) => state switch
    {
        { IsEmpty: true } => "–",
        { IsWatched: true, IsInProgress: true } => $"watched, at {Time(state)}",
        { IsWatched: true } => "watched",
        _ => $"at {Time(state)}",
    };

    private static string Time(WatchState state) => state.Position.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    private static WatchState State(int views, int minutes) => new() { ViewCount = views, Position = TimeSpan.FromMinutes(minutes) };

    private static WatchState At(WatchState state, int day) =>
        state.IsEmpty ? state : state with { LastViewedAt = States.Now.AddDays(day - 10) };
}
