using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>States as they occur on servers, the awkward ones often.</summary>
internal static class States
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);

    private static readonly Gen<WatchState> State =
        from views in Gen.Elements(0, 0, 1, 3)
        from seconds in Gen.Elements(0, 0, 30, 60, 61, 1200, 1200.5, 3000, 5399, 5400, 5999, 6001)
        from days in Gen.Elements(-1, 1, 10, 10, 20)
        select new WatchState
        {
            ViewCount = views,
            Position = TimeSpan.FromSeconds(seconds),
            LastViewedAt = days < 0 || (views == 0 && seconds == 0) ? null : Now.AddDays(-days),
        };

    public static Arbitrary<(WatchState Source, WatchState Target)> Pairs { get; } =
        (from source in State from target in State select (source, target)).ToArbitrary();

    /// <summary>What the dates of <see cref="Parse"/> count from.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 1, 20, 0, 0, TimeSpan.Zero);

    /// <summary>Reads views, minutes and, where there is one, the date in seconds, as in <c>1/30@5</c>.</summary>
    public static WatchState Parse(string text)
    {
        var parts = text.Split('/', '@');
        return new WatchState
        {
            ViewCount = int.Parse(parts[0], CultureInfo.InvariantCulture),
            Position = TimeSpan.FromMinutes(int.Parse(parts[1], CultureInfo.InvariantCulture)),
            LastViewedAt = parts.Length > 2 ? Start.AddSeconds(int.Parse(parts[2], CultureInfo.InvariantCulture)) : null,
        };
    }

    /// <summary>The opposite of <see cref="Parse"/>.</summary>
    public static string Write(WatchState state) =>
        $"{state.ViewCount}/{state.Position.TotalMinutes}" + (state.LastViewedAt is { } at ? $"@{(at - Start).TotalSeconds}" : "");
}
