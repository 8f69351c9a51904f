using PlexSync.Testing;

namespace PlexSync.Cli.Tests;

public sealed class SecretsTests
{
    [Fact]
    public async Task No_token_and_no_PIN_appears_anywhere()
    {
        const string Pin = "7391846205";
        const string WrongPin = "5028461937";
        var world = Worlds.Small();
        world.User("Teen").Pin = Pin;
        await using var household = await Household.StartAsync(world);
        var seen = new List<string>();

        string[][] commands =
        [
            ["users"], ["libraries"], ["libraries", "--from", "Teen"], ["servers"],
            ["sync", "--to", "Teen", "--to", "Kid", "--to", "Friend"], ["sync", "--to", "Teen", "--dry-run"],
        ];
        foreach (var pins in new[]
        {
            $"Teen={Pin};Kid={Pin}", $"Teen={WrongPin}", "", $"Teen={Pin};{WrongPin}", $"{Pin}=Teen", $"Teen={Pin}, Kid={WrongPin}",
            $"Teen={Pin} Kid={WrongPin}",
        })
        {
            household.Environment["PLEXSYNC_PINS"] = pins;
            foreach (var command in commands)
            {
                await RunAsync(household, seen, [.. command, "--verbose"]);
                await RunAsync(household, seen, [.. command, "--verbose", "--json"]);
            }
        }

        household.Environment["PLEXSYNC_PINS"] = $"Teen={Pin}";
        await RunAsync(
            household,
            seen,
            ["sync", "--to", "Teen", "--server", household.ServerUrl.Replace("http:", "https:", StringComparison.Ordinal), "--verbose"]);
        foreach (var fault in new Func<FaultRule, FaultRule>[]
        {
            static rule => rule.Status(500), static rule => rule.Html(), static rule => rule.ResetBefore(),
            static rule => rule.TruncateBody(),
        })
        {
            household.Plex.Faults.Add(fault(FaultRule.On(static request => request.Path.EndsWith("/switch", StringComparison.Ordinal))));
            await RunAsync(household, seen, ["sync", "--to", "Teen", "--verbose"]);
            household.Plex.Faults.Clear();
        }

        var wrong = household.WriteFile("wrong-token", "WRONGwrongWRONGwrong");
        await RunAsync(household, seen, ["users", "--token-file", wrong, "--verbose"]);
        household.World.RevokeAccountToken(household.World.Owner.AccountToken);
        await RunAsync(household, seen, ["users", "--verbose"]);
        File.Delete(wrong);

        seen.AddRange(Directory.EnumerateFiles(household.Folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        // Those of the household, and those minted on the way.
        var secrets = household.Plex.Requests.All.Select(static request => request.Token).OfType<string>()
            .Concat(world.Users.Select(static user => user.AccountToken))
            .Concat(world.Users.Select(user => household.Server.TokenOf(user)))
            .Concat([Pin, WrongPin, "WRONGwrongWRONGwrong"])
            .Distinct().ToList();
        Assert.True(secrets.Count > 10);
        Assert.Contains(seen, static text => text.Contains("debug ", StringComparison.Ordinal));
        Assert.Contains(seen, static text => text.Contains("PlexSync.PlexException", StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(seen, text => text.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_token_of_a_sign_in_appears_anywhere_but_in_its_file()
    {
        await using var household = await Household.StartAsync();
        household.StartAfresh();
        var seen = new List<string>();
        Func<FaultRule, FaultRule>[] troubles =
        [
            static rule =>
                rule.Status(500), static rule => rule.Html(), static rule => rule.ResetBefore(), static rule => rule.TruncateBody(),
            static rule => rule.Status(404), static rule => rule.Status(400),
        ];

        foreach (var trouble in troubles)
        {
            household.Plex.Faults.Clear();
            household.ConfirmLinks(household.World.Owner);
            household.Plex.Faults.Add(trouble(FaultRule.On("/api/v2/pins/*").Times(2)));
            await RunAsync(household, seen, ["login", "--verbose"]);
            await RunAsync(household, seen, ["login", "--verbose", "--json"]);
            await RunAsync(household, seen, ["users", "--verbose"]);
        }

        household.World.RevokeAccountToken(household.World.Links.Last(static link => link.AuthToken is not null).AuthToken!);
        await RunAsync(household, seen, ["users", "--verbose"]);
        await RunAsync(household, seen, ["logout", "--verbose"]);

        seen.AddRange(Directory.EnumerateFiles(household.Folder, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        // The number of a code opens its token too.
        var secrets = household.World.Links.Select(static link => link.AuthToken).OfType<string>()
            .Concat(household.World.Links.Select(static link => $"{link.Id}")).ToList();
        Assert.True(secrets.Count > 20);
        Assert.Contains(seen, static text => text.Contains("debug ", StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(seen, text => text.Contains(secret, StringComparison.Ordinal)));
    }

    private static async Task RunAsync(Household household, List<string> seen, string[] args)
    {
        var result = await household.RunAsync(args);
        seen.Add(result.Out);
        seen.Add(result.Error);
    }
}
