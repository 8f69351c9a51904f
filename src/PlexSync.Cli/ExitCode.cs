namespace PlexSync.Cli;

/// <summary>What the command line promises about its exit codes.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Unexpected = 1;
    public const int Usage = 2;
    public const int Rejected = 3;
    public const int Unavailable = 4;
    public const int Partial = 5;
    public const int Refused = 6;
    public const int Cancelled = 130;

    /// <summary>Of several codes at once, the first of these counts.</summary>
    private static readonly int[] Precedence = [Cancelled, Rejected, Refused, Unavailable, Partial, Usage, Unexpected];

    public static int Of(PlexErrorCategory category) => category switch
    {
        PlexErrorCategory.Usage => Usage,
        PlexErrorCategory.Account => Rejected,
        PlexErrorCategory.Connection => Unavailable,
        PlexErrorCategory.Partial => Partial,
        PlexErrorCategory.Refused => Refused,
        _ => Unexpected,
    };

    public static int Worse(int one, int other) => Array.Find(Precedence, code => code == one || code == other);

    /// <summary>The code of what became of one target.</summary>
    public static int Of(SyncReport report)
    {
        var leftOut = report.Plan.Libraries.Count(static library => library.Error is not null);
        return Worse(leftOut == 0 ? Done : leftOut == report.Plan.Libraries.Count ? Unavailable : Partial, OfWriting(report));
    }

    /// <summary>The code of what was written to one target.</summary>
    public static int OfWriting(SyncReport report)
    {
        var writing = report.Count(ChangeOutcome.Failed) + report.Count(ChangeOutcome.Unknown) > 0 ? Partial : Done;
        return Worse(writing, report.Error is { } error ? Of(error.Category) : Done);
    }
}
