using System.Runtime.CompilerServices;

namespace PlexSync.Cli.Tests;

public sealed class ExitCodeTests
{
    /// <summary>The promise of docs/json.md; a new kind needs a line here.</summary>
    private static readonly Dictionary<PlexErrorKind, int> Promised = new()
    {
        [PlexErrorKind.Unknown] = 1,
        [PlexErrorKind.UserNotFound] = 2,
        [PlexErrorKind.UserAmbiguous] = 2,
        [PlexErrorKind.SameUser] = 2,
        [PlexErrorKind.LibraryNotFound] = 2,
        [PlexErrorKind.LibraryAmbiguous] = 2,
        [PlexErrorKind.ShowNotFound] = 2,
        [PlexErrorKind.ShowAmbiguous] = 2,
        [PlexErrorKind.LabelNotFound] = 2,
        [PlexErrorKind.LabelAmbiguous] = 2,
        [PlexErrorKind.CollectionNotFound] = 2,
        [PlexErrorKind.CollectionAmbiguous] = 2,
        [PlexErrorKind.ServerNotFound] = 2,
        [PlexErrorKind.ServerAmbiguous] = 2,
        [PlexErrorKind.InvalidPlan] = 2,
        [PlexErrorKind.RunNotFound] = 2,
        [PlexErrorKind.JournalFailed] = 2,
        [PlexErrorKind.InvalidFile] = 2,
        [PlexErrorKind.UnsupportedVersion] = 2,
        [PlexErrorKind.NotPrivate] = 2,
        [PlexErrorKind.PolicyNotFound] = 2,
        [PlexErrorKind.InvalidOption] = 2,
        [PlexErrorKind.MissingOption] = 2,
        [PlexErrorKind.OptionsConflict] = 2,
        [PlexErrorKind.JobsInLoop] = 2,
        [PlexErrorKind.InvalidToken] = 3,
        [PlexErrorKind.UnusableToken] = 3,
        [PlexErrorKind.TokenExpired] = 3,
        [PlexErrorKind.ServerUnclaimed] = 3,
        [PlexErrorKind.NoServer] = 3,
        [PlexErrorKind.GatewayRefused] = 3,
        [PlexErrorKind.PinRequired] = 3,
        [PlexErrorKind.PinRejected] = 3,
        [PlexErrorKind.IdentityNotProved] = 3,
        [PlexErrorKind.NotShared] = 3,
        [PlexErrorKind.AccessWithheld] = 3,
        [PlexErrorKind.PlanMismatch] = 3,
        [PlexErrorKind.Forbidden] = 3,
        [PlexErrorKind.LinkExpired] = 3,
        [PlexErrorKind.FriendsUnknown] = 4,
        [PlexErrorKind.Unreachable] = 4,
        [PlexErrorKind.Timeout] = 4,
        [PlexErrorKind.CertificateRejected] = 4,
        [PlexErrorKind.CertificateUntrusted] = 4,
        [PlexErrorKind.CertificateExpired] = 4,
        [PlexErrorKind.TlsNotSpoken] = 4,
        [PlexErrorKind.NotPlex] = 4,
        [PlexErrorKind.Redirected] = 4,
        [PlexErrorKind.WrongServer] = 4,
        [PlexErrorKind.Unavailable] = 4,
        [PlexErrorKind.RateLimited] = 4,
        [PlexErrorKind.ServerError] = 4,
        [PlexErrorKind.InvalidResponse] = 4,
        [PlexErrorKind.IncompleteListing] = 4,
        [PlexErrorKind.NotFound] = 4,
        [PlexErrorKind.Rejected] = 4,
        [PlexErrorKind.NotTautulli] = 4,
        [PlexErrorKind.TautulliFailed] = 4,
        [PlexErrorKind.TautulliKeyRefused] = 3,
        [PlexErrorKind.HistoryUserNotFound] = 2,
        [PlexErrorKind.HistoryUserAmbiguous] = 2,
        [PlexErrorKind.DidNotStick] = 5,
        [PlexErrorKind.PositionCounted] = 5,
        [PlexErrorKind.TooManyRemovals] = 6,
        [PlexErrorKind.RunInProgress] = 6,
        [PlexErrorKind.RunUnfinished] = 6,
        [PlexErrorKind.LeaseLost] = 6,
        [PlexErrorKind.JobInProgress] = 6,
    };

    public static TheoryData<PlexErrorKind> Kinds { get; } = new(Enum.GetValues<PlexErrorKind>());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_failure_has_the_promised_exit_code_and_sentences(PlexErrorKind kind)
    {
        Assert.Equal(Promised[kind], Failure.Of(Create(kind, "what went wrong"), Texts.Of(Texts.English)).ExitCode);
        foreach (var language in new[] { Texts.English, Texts.French })
        {
            var texts = Texts.Of(language);
            Assert.NotEqual("", texts[$"Error_{kind}"]);
            Assert.NotEqual("", texts[$"Remedy_{kind}"]);
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5, 5)]
    [InlineData(5, 4, 4)]
    [InlineData(4, 6, 6)]
    [InlineData(6, 3, 3)]
    [InlineData(3, 130, 130)]
    [InlineData(1, 5, 5)]
    public void Of_several_codes_the_gravest_counts(int one, int other, int expected)
    {
        Assert.Equal(expected, ExitCode.Worse(one, other));
        Assert.Equal(expected, ExitCode.Worse(other, one));
    }

    [Fact]
    public async Task Something_unexpected_is_one_sentence_and_no_stack_trace()
    {
        await using var household = await Household.StartAsync();
        household.Terminal =
            new Terminal
            {
                IsInput = true,
                IsError = true,
                ReadSecretAsync = static _ => throw new InvalidOperationException("inner words"),
            };

        var result = await household.RunAsync("sync", "--to", "Teen", "--quiet");
        var verbose = await household.RunAsync("sync", "--to", "Teen", "--verbose");

        Assert.Equal((1, 1), (result.ExitCode, verbose.ExitCode));
        Assert.Contains("An unexpected error occurred (InvalidOperationException).", result.Error, StringComparison.Ordinal);
        Assert.Contains("--verbose", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Contains("inner words", verbose.Error, StringComparison.Ordinal);
        Assert.Contains("   at ", verbose.Error, StringComparison.Ordinal);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern PlexException Create(PlexErrorKind kind, string message, Exception? innerException = null);
}
