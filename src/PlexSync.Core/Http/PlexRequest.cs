namespace PlexSync;

/// <summary>One request as a client means it, before headers, retries and timeouts.</summary>
internal sealed record PlexRequest(HttpMethod Method, Uri Host, string Path)
{
    /// <summary>The query without its question mark; free of secrets.</summary>
    public string? Query { get; init; }

    /// <summary>The one secret a URL must carry: plex.tv takes a PIN nowhere else (plex-facts §3.7).</summary>
    public string? Pin { get; init; }

    /// <summary>A last segment of the path that opens something by itself, as a link code's number does; not shown.</summary>
    public string? SecretSegment { get; init; }

    public string? Token { get; init; }

    /// <summary>The key to another service than Plex, which is told nothing that is meant for Plex.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The media type to ask for.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>The user whose token is sent, for messages; null if not known.</summary>
    public string? UserName { get; init; }

    /// <summary>Where the page starts and how much is asked; both headers are always sent together.</summary>
    public (int Start, int Size)? Page { get; init; }

    /// <summary>Whether less can be asked for at once; if the server fails, that is tried before the same request is repeated.</summary>
    public bool IsDivisible { get; init; }

    /// <summary>What to do if the server fails at it, for the message; empty if there is no advice.</summary>
    public string Advice { get; init; } = "";

    /// <summary>Bounds what is under way at one server; null for plex.tv.</summary>
    public IRequestGate? Gate { get; init; }

    /// <summary>Told when the server says what time it is; null for plex.tv.</summary>
    public ServerClock? Clock { get; init; }

    /// <summary>Names the playing session that a position belongs to (plex-facts §6.3).</summary>
    public string? Session { get; init; }

    /// <summary>
    /// Called right before each attempt is sent, with the failure of the one before it if there was one; what it throws, fails the attempt.
    /// </summary>
    public Func<PlexException?, Task>? Sending { get; init; }

    /// <summary>Changes watch state.</summary>
    public bool IsWrite { get; init; }

    /// <summary>Whether sending it twice does the same as sending it once.</summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Whether failures are retried; false where a failure is an answer too, as when one of several addresses is tried.</summary>
    public bool IsRetried { get; init; } = true;

    /// <summary>The longest body worth reading: what is not a listing is short.</summary>
    public long MaxLength { get; init; } = 4L * 1024 * 1024;

    /// <remarks>
    /// Built from its parts: a path that begins with two slashes would otherwise name another host, and the token would go there.
    /// </remarks>
    public Uri Uri =>
        new UriBuilder(Host.Scheme, Host.Host, Host.Port, BasePath + Path + (SecretSegment is null ? "" : $"/{SecretSegment}"))
        {
            Query = Pin is null ? Query : $"{Query}{(Query is null ? "" : "&")}pin={Uri.EscapeDataString(Pin)}",
        }.Uri;

    /// <summary>The address for messages and logs.</summary>
    public string Redacted =>
        $"{Host.Authority}{BasePath}{Path}{(SecretSegment is null ? "" : "/***")}{(Query is null ? "" : "?")}{Query}"
        + (Page is { } page ? $" [{page.Start}+{page.Size}]" : "");

    /// <summary>Without the token and the PIN, which a record would print like everything else.</summary>
    public override string ToString() => $"{Method} {Redacted}";

    // A base address may have a path of its own, as behind a reverse proxy.
    private string BasePath => Host.AbsolutePath.TrimEnd('/');

    /// <summary>What a server said, fit for a message: without the secrets it may echo, and without control characters.</summary>
    /// <param name="text">What it said.</param>
    /// <param name="isCut">Whether the text was cut: its end may be the beginning of a secret.</param>
    public string Clean(string text, bool isCut = false)
    {
        foreach (var secret in Secrets)
        {
            text = text.Replace(secret, "***", StringComparison.Ordinal);
            text = isCut ? WithoutBeginning(text, secret) : text;
        }

        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }

    /// <summary>The cause of a failure; null if it quotes a secret that the server echoed, since causes are shown as they are.</summary>
    public Exception? CauseOf(Exception? e) =>
        e?.ToString() is { } text && Array.Exists(Secrets, secret => text.Contains(secret, StringComparison.Ordinal)) ? null : e;

    private string[] Secrets =>
        Array.FindAll((string?[])[Token, Pin, SecretSegment, ApiKey], static secret => !string.IsNullOrEmpty(secret))!;

    private static string WithoutBeginning(string text, string secret)
    {
        for (var length = Math.Min(secret.Length, text.Length); length > 0; length--)
        {
            if (text.EndsWith(secret[..length], StringComparison.Ordinal))
            {
                return $"{text[..^length]}***";
            }
        }

        return text;
    }
}
