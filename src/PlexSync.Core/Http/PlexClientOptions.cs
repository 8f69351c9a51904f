using System.Globalization;
using Microsoft.Extensions.Options;

namespace PlexSync;

/// <summary>How a <see cref="PlexClient"/> presents itself and talks to servers.</summary>
public sealed class PlexClientOptions
{
    /// <summary>The default of <see cref="PageSize"/>: 1000 items.</summary>
    public const int DefaultPageSize = 1000;

    /// <summary>The default of <see cref="MaxRetries"/>: 4.</summary>
    public const int DefaultMaxRetries = 4;

    /// <summary>The default of <see cref="Timeout"/>: 30 seconds.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The default of <see cref="RetryDelay"/>: half a second.</summary>
    public static readonly TimeSpan DefaultRetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>The default of <see cref="AccountUrl"/>: <c>https://plex.tv</c>.</summary>
    public static readonly Uri DefaultAccountUrl = new("https://plex.tv");

    internal static readonly string ProductVersion =
        typeof(PlexClientOptions).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";

    /// <summary>An opaque identifier of this installation: the same on every start, unique per installation. Required.</summary>
    /// <remarks>plex.tv refuses requests without it; Plex Media Server ignores positions sent without it.</remarks>
    public string ClientIdentifier { get; set; } = "";

    /// <summary>The product name that Plex shows under "Authorized devices".</summary>
    public string Product { get; set; } = "PlexSync";

    /// <summary>The name of this device as Plex shows it; null sends none.</summary>
    public string? DeviceName { get; set; }

    /// <summary>Where plex.tv is: <c>https://plex.tv</c> unless a proxy or a test stands in for it.</summary>
    public Uri AccountUrl { get; set; } = DefaultAccountUrl;

    /// <summary>
    /// How many items a page of a listing asks for (1 to 1000, default 1000). A server that fails at so many (500, 502, 504, no answer in
    /// time) is asked for half as many, down to 125, for as long as the connection is used.
    /// </summary>
    public int PageSize { get; set; } = DefaultPageSize;

    /// <summary>
    /// How many reads, and how many writes, may be under way at one server at most (1 to 16); null, the default, for 4 reads and up to 8
    /// writes.
    /// </summary>
    /// <remarks>
    /// Four writes at once are the beginning. There are more only while that makes the server faster, and fewer while it fails.
    /// </remarks>
    public int? MaxConcurrency { get; set; }

    /// <summary>How often a failed request is sent again where that is safe (0 to 10, default 4).</summary>
    public int MaxRetries { get; set; } = DefaultMaxRetries;

    /// <summary>The wait before the first retry; it doubles, with jitter (default half a second).</summary>
    public TimeSpan RetryDelay { get; set; } = DefaultRetryDelay;

    /// <summary>How long one attempt may take, its body included (default 30 seconds).</summary>
    public TimeSpan Timeout { get; set; } = DefaultTimeout;

    /// <summary>The product and plex.tv's address; not the client identifier, which is half of what a sign-in needs.</summary>
    public override string ToString() => $"{Product} at {AccountUrl}";

    internal int MaxReads => MaxConcurrency ?? 4;

    internal int MaxWrites => MaxConcurrency ?? 8;
}

/// <summary>
/// Checks <see cref="PlexClientOptions"/> when a client is made. By hand: the attribute that checks characters brings regular expressions,
/// 0.8 MB of a native binary.
/// </summary>
internal sealed class PlexClientOptionsValidator : IValidateOptions<PlexClientOptions>
{
    private const int LongestIdentifier = 128;

    public ValidateOptionsResult Validate(string? name, PlexClientOptions options)
    {
        var failures = new List<string>();
        Require(
            options.ClientIdentifier is { Length: > 0 and <= LongestIdentifier } identifier
                && !identifier.AsSpan().ContainsAnyExceptInRange('!', '~'),
            nameof(options.ClientIdentifier),
            $"1 to {LongestIdentifier} printable ASCII characters without spaces");
        Require(!string.IsNullOrWhiteSpace(options.Product), nameof(options.Product), "set");
        Require(options.AccountUrl is not null, nameof(options.AccountUrl), "set");
        RequireBetween(1, 1000, options.PageSize, nameof(options.PageSize));
        RequireBetween(1, 16, options.MaxConcurrency ?? 1, nameof(options.MaxConcurrency));
        RequireBetween(0, 10, options.MaxRetries, nameof(options.MaxRetries));
        RequireBetween(0, 60, options.RetryDelay.TotalSeconds, $"{nameof(options.RetryDelay)}, in seconds,");
        RequireBetween(0.001, 3600, options.Timeout.TotalSeconds, $"{nameof(options.Timeout)}, in seconds,");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void RequireBetween(double from, double to, double value, string property) =>
            Require(value >= from && value <= to, property, string.Create(CultureInfo.InvariantCulture, $"between {from} and {to}"));

        void Require(bool isMet, string property, string what)
        {
            if (!isMet)
            {
                failures.Add($"{property} must be {what}.");
            }
        }
    }
}
