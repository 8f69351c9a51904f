using System.Diagnostics.CodeAnalysis;

namespace PlexSync;

/// <summary>The built-in policies.</summary>
public static class ConflictPolicies
{
    /// <summary>
    /// <c>copy</c>: what the source has watched becomes watched, what it has in progress resumes at exactly that position;
    /// what the target has watched is left alone, and what the source has not touched too.
    /// </summary>
    public static IConflictPolicy Copy { get; } = new CopyPolicy();

    /// <summary>Every built-in policy.</summary>
    public static IReadOnlyList<IConflictPolicy> All { get; } = [Copy];

    /// <summary>Finds a built-in policy by its name.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out IConflictPolicy? policy)
    {
        policy = All.FirstOrDefault(candidate => candidate.Name == name);
        return policy is not null;
    }
}
