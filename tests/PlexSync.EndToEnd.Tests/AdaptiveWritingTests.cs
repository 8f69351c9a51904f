using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests;

/// <summary>How many writes are under way at once, and in which order they take effect.</summary>
public sealed class AdaptiveWritingTests
{
    [Theory]
    [InlineData(true, 6)]
    [InlineData(false, 8)]
    public async Task Writes_overtake_at_most_seven_and_a_serial_server_is_not_pushed(bool isSerial, int most)
    {
        await using var session = await Session.StartAsync(Worlds.Large(movies: 100, shows: 10));
        session.Simulated.Switches.WriteTime = TimeSpan.FromMilliseconds(isSerial ? 4 : 10);
        session.Simulated.Switches.SerializesWrites = isSerial;
        session.Plex.Faults.On("/:/scrobble").WithProbability(0.02, 1).Status(429);

        var report = await session.SyncAsync();

        Assert.Equal(report.Plan.Changes.Count, report.Count(ChangeOutcome.Applied));
        Assert.InRange(session.Simulated.LongestQueue, 1, most);
        var landed = session.Simulated.Writes.Where(static play => play.Kind is WriteKind.Scrobble).Select(static play => play.RatingKey)
            .ToList();
        var planned = report.Plan.Changes.Select(static change => change.Item.RatingKey.ToString()).Where(landed.Contains).ToList();
        Assert.All(landed, (key, at) => Assert.InRange(planned.IndexOf(key) - at, int.MinValue, 7));
    }
}
