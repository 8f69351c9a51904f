using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Decides what an item should become, given what source and target have seen of it.</summary>
/// <remarks>
/// A policy is a pure rule: same input, same answer. It says what should be, never how to write it; what Plex cannot store is sorted out
/// after it. Run on its own result it must ask for nothing more, or every run would write again.
/// </remarks>
/// <example>
/// <code>
/// internal sealed class WatchedOnlyPolicy : IConflictPolicy
/// {
///     private static readonly ChangeReason SeenBySource = ChangeReason.Parse("seenBySource");
///
///     public string Name =&gt; "watched-only";
///
///     public Resolution Resolve(in ConflictContext context) =&gt;
///         context.Source.IsWatched &amp;&amp; context.Target.IsEmpty
///             ? context.ChangeTarget(context.Target with { ViewCount = 1 }, SeenBySource)
///             : context.Unchanged();
/// }
/// </code>
/// </example>
public interface IConflictPolicy
{
    /// <summary>
    /// The name under which plans and reports mention the policy: not <c>mark</c>, <c>undo</c>, <c>import</c>, <c>restore</c> or
    /// <c>restoreExact</c>, which are plans of other kinds.
    /// </summary>
    string Name { get; }

    /// <summary>What the item should become; <see cref="ConflictContext.Unchanged"/> where nothing is to be done.</summary>
    /// <param name="context">The item and both states.</param>
    Resolution Resolve(in ConflictContext context);
}

/// <summary>Everything a policy may look at.</summary>
public readonly record struct ConflictContext
{
    /// <summary>The item as the target lists it; its state is <see cref="Target"/>.</summary>
    public required MediaItem Item { get; init; }

    /// <summary>What the source has seen of it; empty where the source lists the item without state.</summary>
    public required WatchState Source { get; init; }

    /// <summary>What the target has seen of it.</summary>
    public required WatchState Target { get; init; }

    /// <summary>Whether the source may change too.</summary>
    public SyncDirection Direction { get; init; }

    /// <summary>
    /// What source and target agreed on at the end of their last run: watched, or null if nothing is remembered. Only runs with an
    /// <see cref="ISyncStore"/> and <see cref="SyncOptions.Unwatched"/> look it up.
    /// </summary>
    public WatchState? Baseline { get; init; }

    /// <summary>The answer that changes nothing.</summary>
    public Resolution Unchanged() => new(Source, Target, default);

    /// <summary>The answer that makes the target's state this.</summary>
    /// <param name="state">The state to reach: whether watched, the position, the rating. Counts and dates cannot be written.</param>
    /// <param name="reason">Why, as plan and report say it.</param>
    public Resolution ChangeTarget(WatchState state, ChangeReason reason) => new(Source, state, reason);

    /// <summary>The answer that makes the source's state this; in one direction the source stays as it is all the same.</summary>
    /// <inheritdoc cref="ChangeTarget"/>
    public Resolution ChangeSource(WatchState state, ChangeReason reason) => new(state, Target, default) { SourceReason = reason };
}

/// <summary>The states that source and target should have.</summary>
/// <param name="Source">The source's; looked at in <see cref="SyncDirection.TwoWay"/> only.</param>
/// <param name="Target">The target's.</param>
/// <param name="Reason">Why, where the target's changes.</param>
public readonly record struct Resolution(WatchState Source, WatchState Target, ChangeReason Reason)
{
    /// <summary>Why, where the source's changes, seen from there: "source" is then the target.</summary>
    public ChangeReason SourceReason { get; init; }
}

/// <summary>Who may change.</summary>
[JsonConverter(typeof(WordConverter<SyncDirection>))]
public enum SyncDirection
{
    /// <summary>The target.</summary>
    OneWay,

    /// <summary>Both.</summary>
    TwoWay,
}
