using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace PlexSync;

/// <summary>How a <see cref="PlexClient"/> presents itself and talks to servers.</summary>
public sealed class PlexClientOptions
{
    /// <summary>The default of <see cref="PageSize"/>: 1000 items.</summary>
    public const int DefaultPageSize = 1000;

    /// <summary>The default of <see cref="MaxConcurrency"/>: 4 reads and 4 writes.</summary>
    public const int DefaultMaxConcurrency = 4;

    /// <summary>The default of <see cref="MaxRetries"/>: 4.</summary>
    public const int DefaultMaxRetries = 4;

    /// <summary>The default of <see cref="Timeout"/>: 30 seconds.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The default of <see cref="RetryDelay"/>: half a second.</summary>
    public static readonly TimeSpan DefaultRetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>The default of <see cref="AccountUrl"/>: <c>https://plex.tv</c>.</summary>
    public static readonly Uri DefaultAccountUrl = new("https://plex.tv");

    /// <summary>An opaque identifier of this installation: the same on every start, unique per installation. Required.</summary>
    /// <remarks>plex.tv refuses requests without it; Plex Media Server ignores positions sent without it.</remarks>
    [Required(AllowEmptyStrings = false)]
    [PrintableAscii(maxLength: 128)]
    public string ClientIdentifier { get; set; } = "";

    /// <summary>The product name that Plex shows under "Authorized devices".</summary>
    [Required(AllowEmptyStrings = false)]
    public string Product { get; set; } = "PlexSync";

    /// <summary>The name of this device as Plex shows it; null sends none.</summary>
    public string? DeviceName { get; set; }

    /// <summary>Where plex.tv is: <c>https://plex.tv</c> unless a proxy or a test stands in for it.</summary>
    [Required]
    public Uri AccountUrl { get; set; } = DefaultAccountUrl;

    /// <summary>How many items a page of a listing asks for (1 to 1000, default 1000).</summary>
    [Range(1, 1000)]
    public int PageSize { get; set; } = DefaultPageSize;

    /// <summary>How many reads, and how many writes, may be under way at one server (1 to 8, default 4 of each).</summary>
    [Range(1, 8)]
    public int MaxConcurrency { get; set; } = DefaultMaxConcurrency;

    /// <summary>How often a failed request is sent again where that is safe (0 to 10, default 4).</summary>
    [Range(0, 10)]
    public int MaxRetries { get; set; } = DefaultMaxRetries;

    /// <summary>The wait before the first retry; it doubles, with jitter (default half a second).</summary>
    [TimeSpanRange(minSeconds: 0, maxSeconds: 60)]
    public TimeSpan RetryDelay { get; set; } = DefaultRetryDelay;

    /// <summary>How long one attempt may take, its body included (default 30 seconds).</summary>
    [TimeSpanRange(minSeconds: 0.001, maxSeconds: 3600)]
    public TimeSpan Timeout { get; set; } = DefaultTimeout;
}

/// <summary>Checks <see cref="PlexClientOptions"/> when a client is made.</summary>
[OptionsValidator]
internal sealed partial class PlexClientOptionsValidator : IValidateOptions<PlexClientOptions>;

/// <summary>Bounds a time; the framework's own range attribute for it needs reflection.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeSpanRangeAttribute(double minSeconds, double maxSeconds) : ValidationAttribute
{
    public double MinSeconds { get; } = minSeconds;

    public double MaxSeconds { get; } = maxSeconds;

    public override bool IsValid(object? value) => value is TimeSpan time && time.TotalSeconds >= MinSeconds && time.TotalSeconds <= MaxSeconds;

    public override string FormatErrorMessage(string name) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} must be between {MinSeconds} and {MaxSeconds} seconds.");
}

/// <summary>What may stand in a header; a regular expression for it would add 0.8 MB to a native binary.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PrintableAsciiAttribute(int maxLength) : ValidationAttribute
{
    public int MaxLength { get; } = maxLength;

    // A missing value is the business of [Required].
    public override bool IsValid(object? value) =>
        value is not string text || (text.Length <= MaxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~'));

    public override string FormatErrorMessage(string name) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} must be 1 to {MaxLength} printable ASCII characters without spaces.");
}
