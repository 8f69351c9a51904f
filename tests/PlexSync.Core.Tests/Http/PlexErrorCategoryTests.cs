namespace PlexSync.Core.Tests.Http;

public sealed class PlexErrorCategoryTests
{
    /// <summary>What callers may rely on; a new kind needs a place here.</summary>
    private static readonly Dictionary<PlexErrorCategory, PlexErrorKind[]> Promised = new()
    {
        [PlexErrorCategory.Unknown] = [PlexErrorKind.Unknown],
        [PlexErrorCategory.Usage] =
        [
            PlexErrorKind.UserNotFound, PlexErrorKind.UserAmbiguous, PlexErrorKind.SameUser, PlexErrorKind.LibraryNotFound,
            PlexErrorKind.LibraryAmbiguous, PlexErrorKind.ShowNotFound, PlexErrorKind.ShowAmbiguous, PlexErrorKind.LabelNotFound,
            PlexErrorKind.LabelAmbiguous, PlexErrorKind.CollectionNotFound, PlexErrorKind.CollectionAmbiguous, PlexErrorKind.ServerNotFound,
            PlexErrorKind.ServerAmbiguous, PlexErrorKind.InvalidPlan, PlexErrorKind.InvalidFile, PlexErrorKind.UnsupportedVersion,
            PlexErrorKind.RunNotFound, PlexErrorKind.JournalFailed, PlexErrorKind.NotPrivate, PlexErrorKind.PolicyNotFound,
            PlexErrorKind.InvalidOption, PlexErrorKind.MissingOption, PlexErrorKind.OptionsConflict, PlexErrorKind.JobsInLoop,
            PlexErrorKind.HistoryUserNotFound, PlexErrorKind.HistoryUserAmbiguous,
        ],
        [PlexErrorCategory.Account] =
        [
            PlexErrorKind.InvalidToken, PlexErrorKind.UnusableToken, PlexErrorKind.TokenExpired, PlexErrorKind.ServerUnclaimed,
            PlexErrorKind.NoServer, PlexErrorKind.GatewayRefused, PlexErrorKind.PinRequired, PlexErrorKind.PinRejected,
            PlexErrorKind.IdentityNotProved, PlexErrorKind.NotShared, PlexErrorKind.AccessWithheld, PlexErrorKind.PlanMismatch,
            PlexErrorKind.Forbidden, PlexErrorKind.LinkExpired, PlexErrorKind.TautulliKeyRefused,
        ],
        [PlexErrorCategory.Connection] =
        [
            PlexErrorKind.Unreachable, PlexErrorKind.Timeout, PlexErrorKind.CertificateRejected, PlexErrorKind.CertificateUntrusted,
            PlexErrorKind.CertificateExpired, PlexErrorKind.TlsNotSpoken, PlexErrorKind.NotPlex, PlexErrorKind.Redirected,
            PlexErrorKind.WrongServer, PlexErrorKind.Unavailable, PlexErrorKind.RateLimited, PlexErrorKind.ServerError,
            PlexErrorKind.InvalidResponse, PlexErrorKind.IncompleteListing, PlexErrorKind.NotFound, PlexErrorKind.Rejected,
            PlexErrorKind.FriendsUnknown, PlexErrorKind.NotTautulli, PlexErrorKind.TautulliFailed,
        ],
        [PlexErrorCategory.Partial] = [PlexErrorKind.DidNotStick, PlexErrorKind.PositionCounted],
        [PlexErrorCategory.Refused] =
        [
            PlexErrorKind.TooManyRemovals, PlexErrorKind.RunInProgress, PlexErrorKind.RunUnfinished, PlexErrorKind.LeaseLost,
            PlexErrorKind.JobInProgress,
        ],
    };

    public static TheoryData<PlexErrorKind> Kinds { get; } = new(Enum.GetValues<PlexErrorKind>());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_has_the_promised_category(PlexErrorKind kind)
    {
        var promised = Assert.Single(Promised, pair => pair.Value.Contains(kind)).Key;

        Assert.Equal(promised, new PlexException(kind, "what went wrong").Category);
    }
}
