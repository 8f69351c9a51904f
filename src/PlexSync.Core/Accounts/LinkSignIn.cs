using Microsoft.Extensions.Logging;

namespace PlexSync;

/// <summary>Signs in without a password: with codes that somebody confirms in a browser (plex-facts §3.4).</summary>
internal sealed partial class LinkSignIn(
    PlexTransport transport, AccountClient accounts, Uri host, PlexClientOptions options, TimeProvider time, ILogger logger)
{
    private const string Pins = "/api/v2/pins";
    private const string SignInPage = "https://app.plex.tv/auth#?";

    /// <summary>In seconds, as in a recorded answer (plex-facts §3.4).</summary>
    private const long UsualLife = 15 * 60;

    /// <summary>In seconds; an answer that names more is not believed.</summary>
    private const long LongestLife = 24 * 60 * 60;

    private const int LongestCode = 128;

    /// <summary>The pause before the first look, and what it grows by.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task<LinkCode> RequestAsync(CancellationToken cancellationToken)
    {
        // Counted from before the question, by the clock that will measure it.
        var now = time.GetUtcNow();
        var typed = await CreateAsync(strong: false, cancellationToken).ConfigureAwait(false);
        var strong = await CreateAsync(strong: true, cancellationToken).ConfigureAwait(false);
        var page = $"{SignInPage}clientID={Uri.EscapeDataString(options.ClientIdentifier)}&code={Uri.EscapeDataString(strong.Code!)}"
            + $"&context%5Bdevice%5D%5Bproduct%5D={Uri.EscapeDataString(options.Product)}";
        return new LinkCode(
            typed.Code!, new Uri(page), now.AddSeconds(Math.Min(Life(typed), Life(strong))), [$"{typed.Id}", $"{strong.Id}"]);
    }

    public async Task<PlexAccount> WaitAsync(LinkCode link, CancellationToken cancellationToken)
    {
        var pins = link.Pins.ToList();
        PlexException? trouble = null;
        string? token = null;
        var pause = ShortestPause;
        while (true)
        {
            var left = pins.Count == 0 ? TimeSpan.Zero : link.ExpiresAt - time.GetUtcNow();
            await Task.Delay(PauseWithin(left, pause, trouble), time, cancellationToken).ConfigureAwait(false);
            pause = Shorter(pause + ShortestPause, LongestPause);
            trouble = null;
            foreach (var pin in link.Pins.Where(pins.Contains))
            {
                try
                {
                    token ??= await PollAsync(pin, cancellationToken).ConfigureAwait(false);
                    if (token is not null)
                    {
                        return await accounts.SignInAsync(token, pin: null, cancellationToken).ConfigureAwait(false);
                    }
                }
                catch (PlexException e) when (token is null && e.Kind is PlexErrorKind.LinkExpired or PlexErrorKind.NotFound)
                {
                    pins.Remove(pin);
                }
                catch (PlexException e) when (IsTransient(e.Kind))
                {
                    Log.WaitingOn(logger, e.Message);
                    trouble = e;
                    if (e.RetryAfter is not null)
                    {
                        break;
                    }
                }
            }
        }
    }

    /// <summary>How long to wait before the next look: what was asked for counts, where the code lives that long.</summary>
    private static TimeSpan PauseWithin(TimeSpan left, TimeSpan pause, PlexException? trouble)
    {
        // Waits are whole milliseconds.
        if (left.TotalMilliseconds < 1)
        {
            throw new PlexException(PlexErrorKind.LinkExpired, "The link code expired before it was confirmed.", trouble);
        }

        var asked = trouble?.RetryAfter ?? TimeSpan.Zero;
        return asked > left ? throw trouble! : Shorter(asked > pause ? asked : pause, left);
    }

    private static bool IsTransient(PlexErrorKind kind) =>
        kind is PlexErrorKind.Unreachable or PlexErrorKind.Timeout or PlexErrorKind.RateLimited
        or PlexErrorKind.Unavailable or PlexErrorKind.ServerError or PlexErrorKind.InvalidResponse or PlexErrorKind.NotPlex;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static long Life(WirePin pin) => Math.Clamp(pin.ExpiresIn ?? UsualLife, 1, LongestLife);

    private async Task<WirePin> CreateAsync(bool strong, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Post, host, Pins) { Query = strong ? "strong=true" : "strong=false" };
        var pin = await transport.SendAsync(request, AccountJsonContext.Default.WirePin, cancellationToken).ConfigureAwait(false);
        return pin.Id is not > 0 ? throw WireError.Missing(request.Redacted, "id")
            : string.IsNullOrWhiteSpace(pin.Code) || pin.Code.Length > LongestCode ? throw WireError.Missing(request.Redacted, "code")
            : pin;
    }

    /// <summary>The token, once somebody has confirmed the code. Waiting is the retry.</summary>
    private async Task<string?> PollAsync(string pin, CancellationToken cancellationToken)
    {
        var request = new PlexRequest(HttpMethod.Get, host, Pins) { SecretSegment = pin, IsRetried = false };
        var answer = await transport.SendAsync(request, AccountJsonContext.Default.WirePin, cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(answer.AuthToken) ? null : answer.AuthToken;
    }

    private static partial class Log
    {
        [LoggerMessage(1102, LogLevel.Debug, "plex.tv does not tell whether the link code is confirmed, and is asked again: {Reason}")]
        public static partial void WaitingOn(ILogger logger, string reason);
    }
}
