using System.Diagnostics.CodeAnalysis;

namespace PlexSync;

/// <summary>
/// The built-in policies. Only <see cref="Mirror"/> unwatches an item, or takes away the position of one that is being watched again.
/// </summary>
/// <remarks>All cases are in <c>docs/policies.md</c>, a table that the tests make.</remarks>
public static class ConflictPolicies
{
    /// <summary>
    /// <c>copy</c>: what the source has watched becomes watched, what it has in progress resumes at exactly that position;
    /// what the target has watched is left alone, and what the source has not touched too.
    /// </summary>
    public static IConflictPolicy Copy { get; } = new CopyPolicy();

    /// <summary><c>fill</c>: as <see cref="Copy"/>, but only items on which the target has no state at all.</summary>
    public static IConflictPolicy Fill { get; } = new FillPolicy();

    /// <summary><c>furthest</c>: watched if either of the two has watched, else the larger position.</summary>
    public static IConflictPolicy Furthest { get; } = new FurthestPolicy();

    /// <summary><c>newest</c>: watched if either of the two has watched; the position of the one who viewed the item last.</summary>
    /// <remarks>
    /// Every write stamps "now": what an earlier run wrote, as an <see cref="ISyncStore"/> remembers it, counts with the date it came from.
    /// </remarks>
    public static IConflictPolicy Newest { get; } = new NewestPolicy();

    /// <summary><c>mirror</c>: exactly what the source has, so that the target may lose something. In one direction only.</summary>
    public static IConflictPolicy Mirror { get; } = new MirrorPolicy();

    /// <summary>Every built-in policy.</summary>
    public static IReadOnlyList<IConflictPolicy> All { get; } = [Copy, Fill, Furthest, Newest, Mirror];

    /// <summary>Those that several users can be merged under.</summary>
    public static IReadOnlyList<IConflictPolicy> Merging { get; } = [Furthest, Newest];

    /// <summary>Finds a built-in policy by its name.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out IConflictPolicy? policy)
    {
        policy = All.FirstOrDefault(candidate => candidate.Name == name);
        return policy is not null;
    }
}
