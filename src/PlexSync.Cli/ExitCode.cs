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

    /// <summary>The code of a failure; null for a kind this table does not know.</summary>
    public static int? Of(PlexErrorKind kind) => kind switch
    {
        PlexErrorKind.Unknown => Unexpected,

        PlexErrorKind.UserNotFound or PlexErrorKind.UserAmbiguous or PlexErrorKind.SameUser
            or PlexErrorKind.LibraryNotFound or PlexErrorKind.LibraryAmbiguous or PlexErrorKind.ShowNotFound or PlexErrorKind.ShowAmbiguous
            or PlexErrorKind.ServerNotFound or PlexErrorKind.ServerAmbiguous
            or PlexErrorKind.InvalidPlan or PlexErrorKind.InvalidFile or PlexErrorKind.UnsupportedVersion
            or PlexErrorKind.RunNotFound or PlexErrorKind.JournalFailed or PlexErrorKind.NotPrivate => Usage,

        PlexErrorKind.InvalidToken or PlexErrorKind.UnusableToken or PlexErrorKind.PinRequired or PlexErrorKind.PinRejected
            or PlexErrorKind.IdentityNotProved or PlexErrorKind.NotShared or PlexErrorKind.PlanMismatch or PlexErrorKind.Forbidden
            or PlexErrorKind.LinkExpired or PlexErrorKind.TokenExpired or PlexErrorKind.ServerUnclaimed or PlexErrorKind.NoServer
            or PlexErrorKind.GatewayRefused or PlexErrorKind.AccessWithheld => Rejected,

        PlexErrorKind.Unreachable or PlexErrorKind.Timeout or PlexErrorKind.CertificateRejected or PlexErrorKind.NotPlex
            or PlexErrorKind.CertificateUntrusted or PlexErrorKind.CertificateExpired or PlexErrorKind.TlsNotSpoken
            or PlexErrorKind.Redirected or PlexErrorKind.WrongServer or PlexErrorKind.Unavailable or PlexErrorKind.RateLimited
            or PlexErrorKind.ServerError or PlexErrorKind.InvalidResponse or PlexErrorKind.IncompleteListing
            or PlexErrorKind.NotFound or PlexErrorKind.Rejected or PlexErrorKind.FriendsUnknown => Unavailable,

        PlexErrorKind.TooManyRemovals or PlexErrorKind.RunInProgress or PlexErrorKind.RunUnfinished => Refused,

        PlexErrorKind.DidNotStick or PlexErrorKind.PositionCounted => Partial,

        _ => null,
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
        return Worse(writing, report.Error is { } error ? Of(error.Kind) ?? Unexpected : Done);
    }
}
