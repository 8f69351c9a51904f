using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Tests.Scheduling;

public sealed class RetryTests
{
    [Theory]
    [InlineData(PlexErrorKind.JournalFailed, true)]
    [InlineData(PlexErrorKind.Unreachable, true)]
    [InlineData(PlexErrorKind.RateLimited, true)]
    [InlineData(PlexErrorKind.RunInProgress, true)]
    [InlineData(PlexErrorKind.InvalidToken, false)]
    [InlineData(PlexErrorKind.UserNotFound, false)]
    [InlineData(PlexErrorKind.TooManyRemovals, false)]
    [InlineData(PlexErrorKind.WrongServer, false)]
    public void Run_is_tried_again_where_that_may_help(PlexErrorKind kind, bool isTried) =>
        Assert.Equal(isTried, SyncRunJob.CanPass(new PlexException(kind, "It failed.")));
}
