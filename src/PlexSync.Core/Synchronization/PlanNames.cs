namespace PlexSync;

/// <summary>What plans are called that no policy made, in the place of the policy's name. They rest on no other user's state.</summary>
internal static class PlanNames
{
    public const string Mark = "mark";
    public const string Undo = "undo";
    public const string Import = "import";
    public const string Restore = "restore";
    public const string RestoreExact = "restoreExact";

    /// <summary>All of them: no policy may have such a name.</summary>
    public static IReadOnlyList<string> All { get; } = [Mark, Undo, Import, Restore, RestoreExact];
}
