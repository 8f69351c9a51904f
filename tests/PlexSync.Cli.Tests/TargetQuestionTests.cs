namespace PlexSync.Cli.Tests;

/// <summary>Nobody is named, and somebody is there to be asked.</summary>
public sealed class TargetQuestionTests
{
    [Theory]
    [InlineData("1\n", "Kid")]
    [InlineData("kid\n", "Kid")]
    [InlineData("id:1002\n", "Kid")]
    [InlineData("Friend\n", "Friend")]
    [InlineData("2, Kid\n", "Teen", "Kid")]
    [InlineData("2 1\n", "Teen", "Kid")]
    [InlineData("1, kid; 1\n", "Kid")]
    [InlineData("7\nOwner\nnobody\nKid\n", "Kid")]
    public async Task Sync_copies_to_whom_the_answer_chooses(string answer, params string[] targets)
    {
        await using var household = await OnATerminalAsync();

        var result = await household.RunAsync(["sync", "--dry-run"], stdin: answer);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Who should get what “Owner” has watched?", result.Error, StringComparison.Ordinal);
        Assert.Contains("\n  1. Kid\n  2. Teen (has a PIN)\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(targets, Headings(result));
    }

    [Fact]
    public async Task Sync_writes_to_whom_was_chosen_and_to_nobody_else()
    {
        await using var household = await OnATerminalAsync();

        var result = await household.RunAsync(["sync"], stdin: "1\ny\n");

        Assert.Equal(0, result.ExitCode);
        Assert.NotEmpty(household.Server.Writes);
        Assert.All(household.Server.Writes, play => Assert.Equal(household.Kid.Id, play.UserId));
    }

    [Fact]
    public async Task Sync_does_not_offer_its_source()
    {
        await using var household = await OnATerminalAsync();

        var result = await household.RunAsync(["sync", "--from", "Kid", "--dry-run"], stdin: "1\n");

        Assert.Contains("\n  1. Owner\n  2. Teen (has a PIN)\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(["Owner"], Headings(result));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    [InlineData("nobody\n\n")]
    public async Task Sync_does_nothing_when_nobody_is_chosen(string answer)
    {
        await using var household = await OnATerminalAsync();

        var result = await household.RunAsync(["sync"], stdin: answer);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("No user was chosen, so nothing was done.", result.Error, StringComparison.Ordinal);
        Assert.Empty(household.Server.Writes);
    }

    [Fact]
    public async Task A_name_that_could_be_a_friends_is_asked_for_again()
    {
        await using var household = await OnATerminalAsync();
        household.Plex.Faults.On("/api/users").Status(410);

        var result = await household.RunAsync(["sync", "--dry-run"], stdin: "kd\nKid\n");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Kid"], Headings(result));
    }

    [Fact]
    public async Task Sync_asks_again_three_times_and_no_more()
    {
        await using var household = await OnATerminalAsync();

        var result = await household.RunAsync(["sync"], stdin: "9\n,\nOwner\nnobody\nKid\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(4, result.Error.Split("Enter to cancel):").Length - 1);
        Assert.Contains("Enter a number from the list, or a name.", result.Error, StringComparison.Ordinal);
        Assert.Contains("“Owner” is both source and target", result.Error, StringComparison.Ordinal);
        Assert.Contains("plexsync: There is no user “nobody”", result.Error, StringComparison.Ordinal);
        Assert.Empty(household.Server.Writes);
    }

    [Fact]
    public async Task Plan_asks_too_and_explain_for_one_only()
    {
        await using var household = await OnATerminalAsync();
        var file = Path.Combine(household.Folder, "plan.json");

        var plan = await household.RunAsync(["plan", "-o", file], stdin: "1\n");
        var explain = await household.RunAsync(["explain", "Movie 2"], stdin: "1, 2\n1\n");

        Assert.Equal((0, 0), (plan.ExitCode, explain.ExitCode));
        Assert.True(File.Exists(file));
        Assert.Contains("Only one user can be chosen here.", explain.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_who_look_the_same_are_told_apart_by_their_ids_everywhere()
    {
        await using var household = await OnATerminalAsync();
        household.World.User("Teen").Title = "KID\u200E";
        household.Environment["PLEXSYNC_PINS"] = "id:1003=4321";

        var result = await household.RunAsync(["sync", "--dry-run"], stdin: "2, 1\n");

        Assert.Contains("\n  1. Kid (id:1002)\n  2. KID (id:1003) (has a PIN)\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(["KID (id:1003)", "Kid (id:1002)"], Headings(result));
        Assert.Contains(result.Lines, static line => line.StartsWith("Kid (id:1002): ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_number_of_the_list_that_another_one_has_for_a_name_chooses_neither()
    {
        await using var household = await OnATerminalAsync();
        household.Kid.Title = "2";

        var result = await household.RunAsync(["sync", "--dry-run"], stdin: "2\n1\n");

        Assert.Contains("Several users are called “2”: Teen (id:1003), 2 (id:1002).", result.Error, StringComparison.Ordinal);
        Assert.Equal(["2"], Headings(result));
    }

    [Fact]
    public async Task A_name_may_hold_a_comma()
    {
        await using var household = await OnATerminalAsync();
        household.Kid.Title = "Teen, the 2";

        var result = await household.RunAsync(["sync", "--dry-run"], stdin: "Teen, the 2\n");

        Assert.Equal(["Teen, the 2"], Headings(result));
    }

    [Fact]
    public async Task Two_ways_with_unwatched_is_for_one_only()
    {
        await using var household = await OnATerminalAsync();

        var result = await household.RunAsync(["sync", "--two-way", "--unwatched", "--dry-run"], stdin: "1 2\n\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Only one user can be chosen here.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true, "sync")]
    [InlineData(true, false, "sync")]
    [InlineData(true, true, "sync", "--json")]
    public async Task Nobody_is_asked_where_nobody_can_answer(bool isInput, bool isError, params string[] args)
    {
        await using var household = await OnATerminalAsync();
        household.Terminal = new Terminal { IsInput = isInput, IsError = isError };

        var result = await household.RunAsync(args, stdin: "1\n");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("No target user", result.Error, StringComparison.Ordinal);
        Assert.Contains("“plexsync users”", result.Error, StringComparison.Ordinal);
        Assert.Empty(household.Plex.Requests.All);
    }

    [Fact]
    public async Task No_PIN_is_asked_for_either_where_a_program_reads_the_answer()
    {
        await using var household = await OnATerminalAsync();
        household.Environment.Remove("PLEXSYNC_PINS");

        var result = await household.RunAsync(["sync", "--to", "Teen", "--json"], stdin: "4321\n");

        Assert.Equal((3, "pinRequired"), (result.ExitCode, result.Json.GetProperty("error").GetProperty("kind").GetString()));
    }

    private static async Task<Household> OnATerminalAsync()
    {
        var household = await Household.StartAsync();
        household.Environment["PLEXSYNC_PINS"] = "Teen=4321";
        household.Terminal = new Terminal { IsInput = true, IsError = true };
        return household;
    }

    private static IEnumerable<string> Headings(Result result) =>
        result.Lines.Where(static line => line.EndsWith(" on “NAS”", StringComparison.Ordinal))
            .Select(static line => line.Split(" → ")[1].Split(" on ")[0]);
}
