using PlexSync.Testing;
using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

public sealed class SyncTests
{
    [Fact]
    public async Task Sync_copies_what_the_owner_has_watched_and_begun()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[WATCHED] Movie 2 (2002)", result.Lines);
        Assert.Contains("[WATCHED] Movie 3 (2003)", result.Lines);
        Assert.Contains("[IN PROGRESS] Movie 4 (2004) – 20:00", result.Lines);
        Assert.Contains("[WATCHED AGAIN] Movie 5 (2005) – paused at 30:00", result.Lines);
        Assert.Contains("[WATCHED] Show 1 – S01E01 – Episode 1.1", result.Lines);
        Assert.Contains("[IN PROGRESS] Show 1 – S01E04 – Episode 1.4 – 10:00", result.Lines);
        Assert.DoesNotContain("Movie 1 ", result.Out, StringComparison.Ordinal);
        Assert.All(new[] { 2, 3, 5, 13, 14, 15 }, key => Assert.Equal(1, household.Of(household.Kid, key).ViewCount));
        Assert.Equal(20 * 60_000, household.Of(household.Kid, 4).ViewOffset);
        Assert.Equal(30 * 60_000, household.Of(household.Kid, 5).ViewOffset);
        Assert.Equal(10 * 60_000, household.Of(household.Kid, 16).ViewOffset);
        Assert.All(household.Server.Writes, play => Assert.Equal(household.Kid.Id, play.UserId));
    }

    [Fact]
    public async Task Sync_writes_nothing_when_run_again()
    {
        await using var household = await Household.StartAsync();
        await household.RunAsync("sync", "--to", "Kid");
        household.Plex.Requests.Clear();

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(2, result.Lines.Count(static line => line == "Nothing to sync here"));
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Sync_writes_nothing_and_says_so_in_a_dry_run()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--dry-run");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("[WATCHED] Movie 2 (2002)", result.Lines);
        Assert.Contains("Kid: 8 items would change.", result.Lines);
        Assert.Contains("nothing was written", result.Out, StringComparison.Ordinal);
        Assert.Contains("nothing is written", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Sync_needs_no_arguments_when_the_file_says_it_all()
    {
        await using var household = await Household.StartAsync();
        household.WriteFile("token.txt", $"  {household.World.Owner.AccountToken}\n");
        household.Configure($$"""
            {
              // what the original script had as four constants
              "server": "{{household.ServerUrl}}",
              "accountUrl": "{{household.Environment["PLEXSYNC_ACCOUNT_URL"]}}",
              "tokenFile": "../../token.txt",
              "from": "Owner",
              "to": "Kid",
            }
            """);
        household.Environment.Remove("PLEXSYNC_SERVER");
        household.Environment.Remove("PLEXSYNC_ACCOUNT_URL");
        household.Environment.Remove("PLEXSYNC_TOKEN");

        var result = await household.RunAsync("sync");

        Assert.Equal(("", 0), (result.ExitCode == 0 ? "" : result.Error, result.ExitCode));
        Assert.Equal(9, household.Plex.Requests.Writes);
    }

    [Fact]
    public async Task Sync_says_it_in_French()
    {
        await using var household = await Household.StartAsync();
        household.Environment["LANG"] = "fr_FR.UTF-8";

        var first = await household.RunAsync("sync", "--to", "Kid");
        var second = await household.RunAsync("sync", "--to", "Kid");

        Assert.Contains("[VU] Movie 2 (2002)", first.Lines);
        Assert.Contains("[EN COURS] Movie 4 (2004) – 20:00", first.Lines);
        Assert.Contains("[REVU] Movie 5 (2005) – en pause à 30:00", first.Lines);
        Assert.Contains("[1] Connexion au serveur…", first.Error, StringComparison.Ordinal);
        Assert.Contains("Rien à synchroniser ici", second.Lines);
    }

    [Fact]
    public async Task Sync_announces_the_five_steps_unless_quiet()
    {
        await using var household = await Household.StartAsync();

        var loud = await household.RunAsync("sync", "--to", "Kid", "--dry-run");
        var quiet = await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--quiet");

        Assert.All(Enumerable.Range(1, 5), step => Assert.Contains($"[{step}] ", loud.Error, StringComparison.Ordinal));
        Assert.Equal("", quiet.Error);
    }

    [Fact]
    public async Task Sync_serves_several_targets_in_the_order_named_and_reads_the_source_once()
    {
        await using var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";

        var result = await household.RunAsync("sync", "--to", "Teen", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        var plays = household.Server.Writes.Select(static play => play.UserId).ToList();
        Assert.Equal([1003L, 1002L], plays.Distinct());
        Assert.True(plays.LastIndexOf(1003) < plays.IndexOf(1002));
        Assert.True(
            result.Out.IndexOf("Owner → Teen", StringComparison.Ordinal) < result.Out.IndexOf("Owner → Kid", StringComparison.Ordinal));
        Assert.Equal(2, household.Plex.Requests.All.Count(
            static request => request.Path.EndsWith("/all", StringComparison.Ordinal) && request.UserId == 1001));
    }

    [Fact]
    public async Task Sync_can_copy_from_another_user_than_the_owner()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--from", "Kid", "--to", "Owner");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(0, household.Plex.Requests.Writes);
        Assert.Contains("Kid → Owner on “NAS”", result.Lines);
    }

    [Fact]
    public async Task Sync_reaches_a_friend_and_says_that_the_identity_is_declared()
    {
        await using var household = await Household.StartAsync();

        var human = await household.RunAsync("sync", "--to", "Friend", "--dry-run");
        var json = await household.RunAsync("sync", "--to", "Friend", "--dry-run", "--json");

        Assert.Contains("Friend is a friend outside your Home", human.Out, StringComparison.Ordinal);
        Assert.Equal("declared", json.Json.GetProperty("targets")[0].GetProperty("identity").GetString());
    }

    [Fact]
    public async Task Sync_keeps_to_the_libraries_named()
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync("sync", "--to", "Kid", "--library", "tv shows");

        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("Movie", result.Out, StringComparison.Ordinal);
        Assert.All(household.Server.Writes, static play => Assert.InRange(int.Parse(play.RatingKey), 13, 16));
    }

    [Fact]
    public async Task Sync_finds_the_only_server_when_none_is_named()
    {
        await using var household = await Household.StartAsync();
        household.Environment.Remove("PLEXSYNC_SERVER");

        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid", "--dry-run")).ExitCode);
        Assert.Equal(0, (await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--server", "nas")).ExitCode);
        Assert.Equal(
            0, (await household.RunAsync("sync", "--to", "Kid", "--dry-run", "--server", household.Server.MachineIdentifier)).ExitCode);
    }

    [Fact]
    public async Task Sync_counts_what_it_leaves_in_words()
    {
        await using var household = await Household.StartAsync();
        var owner = household.World.Owner;
        household.Server.SetState(owner, "6", new ItemState(0, 60_000, 1_700_000_000));
        household.Server.SetState(owner, "7", new ItemState(0, 95 * 60_000, 1_700_000_000));
        household.Server.SetState(owner, "8", new ItemState(0, 200 * 60_000, 1_700_000_000));
        household.Server.SetState(owner, "9", new ItemState(0, 20 * 60_000, 1_700_000_000));
        household.Server.SetState(owner, "10", new ItemState(1, 0, 1_700_000_000));
        household.Server.Item("9").Duration = null;

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("1 item skipped: Kid does not have access to it.", result.Lines);
        Assert.Contains("1 position skipped for Kid: Plex ignores positions in the first minute.", result.Lines);
        Assert.Contains("1 position skipped for Kid: Plex ignores positions this close to the end.", result.Lines);
        Assert.Contains("1 position skipped for Kid: it is past the end of the item.", result.Lines);
        Assert.Contains("1 position skipped for Kid: the server does not know the duration of the item.", result.Lines);
        Assert.Contains("Kid: 8 items updated, 5 skipped.", result.Lines);
    }

    [Fact]
    public async Task Sync_shows_titles_as_they_are_but_lets_none_command_the_terminal()
    {
        await using var household = await Household.StartAsync();
        household.Server.Edit(static server => server.Library("Movies").Items[1].Title = "\e[31m[REC] [bold]\u202Ered\u0007");
        household.Terminal = new Terminal { IsOutput = true, IsError = true };

        var result = await household.RunAsync("sync", "--to", "Kid", "--no-color");

        Assert.Contains("[WATCHED] [31m[REC] [bold]red (2002)", result.Lines);
        Assert.DoesNotContain('\e', result.Out);
        Assert.DoesNotContain('\u202E', result.Out);
    }

    [Fact]
    public async Task Sync_has_colour_only_on_a_terminal()
    {
        await using var household = await Household.StartAsync();
        var piped = await household.RunAsync("sync", "--to", "Kid", "--dry-run");
        household.Terminal = new Terminal { IsOutput = true, IsError = true };
        var seen = await household.RunAsync("sync", "--to", "Kid", "--dry-run");
        household.Environment["NO_COLOR"] = "1";
        var plain = await household.RunAsync("sync", "--to", "Kid", "--dry-run");

        Assert.DoesNotContain('\e', piped.Out + piped.Error + plain.Out + plain.Error);
        Assert.Contains("\e[32m[WATCHED]\e[0m Movie 2 (2002)", seen.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_keeps_to_ASCII_on_a_terminal_that_knows_no_more()
    {
        await using var household = await Household.StartAsync();
        household.Terminal = new Terminal { IsOutput = true, IsError = true, IsUnicode = false };

        var result = await household.RunAsync("sync", "--to", "Kid", "--no-color", "--dry-run", "--all");
        var folded = await household.RunAsync("sync", "--to", "Kid", "--no-color");

        Assert.Contains("[WATCHED] Show 1 - S01E01 - Episode 1.1", result.Lines);
        Assert.Contains("[WATCHED] Show 1: 3 episodes, S01E01-S01E03", folded.Lines);
        Assert.Contains("Owner -> Kid on \"NAS\"", result.Lines);
        Assert.All(result.Out + folded.Out + folded.Error, static letter => Assert.True(char.IsAscii(letter)));
    }

    [Fact]
    public async Task Sync_uses_hours_for_long_positions()
    {
        await using var household = await Household.StartAsync();
        household.Server.SetState(household.World.Owner, "4", new ItemState(0, ((61 * 60) + 5) * 1000, 1_700_000_000));

        var result = await household.RunAsync("sync", "--to", "Kid", "--dry-run");

        Assert.Contains("[IN PROGRESS] Movie 4 (2004) – 1:01:05", result.Lines);
    }

    [Fact]
    public async Task Sync_reports_an_item_that_failed_and_goes_on()
    {
        await using var household = await Household.StartAsync();
        household.Time = new LeapingTime();
        household.Plex.Faults.On("/:/scrobble").And(static request => request["key"] == "2").Status(500);

        var result = await household.RunAsync("sync", "--to", "Kid");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("Movie 2 (2002): ", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("[WATCHED] Movie 2 (2002)", result.Lines);
        Assert.Equal(0, household.Of(household.Kid, 2).ViewCount);
        Assert.Equal(1, household.Of(household.Kid, 3).ViewCount);
    }

    [Fact]
    public async Task Sync_stops_for_one_target_and_says_how_far_it_came_when_the_server_goes_away()
    {
        await using var household = await Household.StartAsync();
        household.Plex.Faults.On("/:/scrobble").Skip(1).Status(401);

        var result = await household.RunAsync("sync", "--to", "Kid", "--concurrency", "1");

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("Stopped before the end: ", result.Out, StringComparison.Ordinal);
        Assert.Contains("1 item updated", result.Out, StringComparison.Ordinal);
        Assert.Contains("not tried", result.Out, StringComparison.Ordinal);
    }
}
