namespace PlexSync.Cli.Tests;

public sealed class ListTests
{
    [Fact]
    public async Task Users_lists_the_Home_and_the_friends()
    {
        await using var household = await Household.StartAsync();

        var human = await household.RunAsync("users");
        var json = await household.RunAsync("users", "--json");

        Assert.Equal(0, human.ExitCode);
        Assert.Equal(
            [
                "Name    ID    Kind          PIN",
                "Owner   1001  owner         no",
                "Kid     1002  managed user  no",
                "Teen    1003  managed user  yes",
                "Friend  2001  friend        no",
            ],
            human.Lines);
        var kinds = json.Json.GetProperty("users").EnumerateArray()
            .Select(static user => $"{user.GetProperty("id")} {user.GetProperty("kind")} {user.GetProperty("pin")}");
        Assert.Equal(["1001 owner False", "1002 managed False", "1003 managed True", "2001 friend False"], kinds);
    }

    [Fact]
    public async Task Libraries_lists_what_a_user_sees()
    {
        await using var household = await Household.StartAsync();
        household.Server.Edit(server => server.Libraries[1].SharedWith.Remove(household.Kid.Id));

        var owner = await household.RunAsync("libraries");
        var kid = await household.RunAsync("libraries", "--from", "Kid", "--json");

        Assert.Equal(["Name      Key  Type   Can be synced", "Movies    1    movie  yes", "TV Shows  2    show   yes"], owner.Lines);
        Assert.Equal("Kid", kid.Json.GetProperty("user").GetProperty("title").GetString());
        var library = Assert.Single(kid.Json.GetProperty("libraries").EnumerateArray());
        Assert.Equal("Movies", library.GetProperty("title").GetString());
        Assert.True(library.GetProperty("syncable").GetBoolean());
    }

    [Fact]
    public async Task Servers_lists_addresses_best_first()
    {
        await using var household = await Household.StartAsync();

        var human = await household.RunAsync("servers");
        var json = await household.RunAsync("servers", "--json");

        Assert.Contains(household.ServerUrl, human.Lines[1], StringComparison.Ordinal);
        var server = Assert.Single(json.Json.GetProperty("servers").EnumerateArray());
        Assert.Equal(household.Server.MachineIdentifier, server.GetProperty("machineIdentifier").GetString());
        Assert.True(server.GetProperty("owned").GetBoolean());
        Assert.True(server.GetProperty("online").GetBoolean());
        Assert.Equal(household.ServerUrl, server.GetProperty("addresses")[0].GetString());
    }
}
