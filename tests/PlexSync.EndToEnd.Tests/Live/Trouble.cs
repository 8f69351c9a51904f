using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Live;

/// <summary>All that can go wrong with a server and its events, at random, for a while.</summary>
internal sealed class Trouble(LiveHouse house)
{
    private ServerSwitches Switches => house.Server.Switches;

    private Faults Faults => house.Session.Plex.Faults;

    public async Task StirAsync(Random random)
    {
        switch (random.Next(14))
        {
            case 0:
                await house.CutAsync(TimeSpan.FromSeconds(random.Next(1, 900)));
                break;
            case 1:
                house.Server.Restart();
                await house.CutAsync(TimeSpan.FromSeconds(random.Next(1, 120)));
                break;
            case 2:
                // The client notices after half a minute, and opens the stream again.
                Switches.EventsDieSilently = true;
                await house.PassAsync(EventStream.LongestSilence);
                Switches.EventsDieSilently = false;
                await house.CutAsync(TimeSpan.FromSeconds(2));
                break;
            case 3:
                Switches.SendsEventsTwice ^= true;
                break;
            case 4:
                Switches.StrayStops ^= true;
                break;
            case 5:
                Switches.TellsMarks ^= true;
                break;
            case 6:
                house.Server.Events.FloodItems(random.Next(600));
                break;
            case 7:
                Faults.On("/*").Status(503).Times(random.Next(1, 60));
                break;
            case 8:
                Faults.On("/library/sections/*").Status(500).Times(random.Next(1, 20));
                break;
            case 9:
                Faults.On(static request => request.IsWrite).Status(500).Times(random.Next(1, 5));
                break;
            case 10:
                Faults.On(static request => request.IsWrite).CloseAfter().Times(random.Next(1, 5));
                break;
            case 11:
                Faults.On("/status/sessions").Status(403).Times(random.Next(1, 30));
                break;
            default:
                Faults.Clear();
                break;
        }
    }

    public async Task EndAsync()
    {
        Faults.Clear();
        (Switches.SendsEventsTwice, Switches.StrayStops, Switches.TellsMarks) = (false, false, false);
        await house.PassAsync(TimeSpan.FromMinutes(15));
    }
}
