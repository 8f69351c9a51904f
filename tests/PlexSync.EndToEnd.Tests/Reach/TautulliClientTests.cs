using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Reach;

/// <summary>The history comes whole from Tautulli, however it is sent; what is no history is said in words.</summary>
public sealed class TautulliClientTests
{
    private const string Secret = "tautulli-5ecr3t";

    [Theory]
    [InlineData("", 1000, null, false)]
    [InlineData("/tautulli", 7, null, true)]
    [InlineData("/a/b", 100, 9, false)]
    public async Task History_is_read_in_pages_of_any_size(string path, int size, int? clamp, bool asText)
    {
        await using var home = await HomeAsync(50);
        (home.Tautulli.BasePath, home.Tautulli.MaxPageSize, home.Tautulli.SendsNumbersAsText) = (path, clamp, asText);

        var states = await home.ReadAsync("id:1002", options => options.PageSize = size);

        Assert.Equal((50L, 10), (states.Entries, states.Items.Count));
        Assert.Equal("Kid", states.User!.Title);
        Assert.All(home.Requests, request => Assert.Equal(
            (Secret, $"{path}/api/v2", "1002", false),
            (request.Headers["X-Api-Key"], request.Path, request["user_id"], request.Headers.Keys.Any(IsOfPlex))));
        Assert.DoesNotContain(home.Requests, request => request.QueryString.Contains(Secret, StringComparison.Ordinal));

        static bool IsOfPlex(string header) => header.StartsWith("X-Plex", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Rows_that_arrive_meanwhile_move_others_which_are_still_read_once()
    {
        await using var home = await HomeAsync(30);
        for (var row = 0; row < 20; row++)
        {
            home.Tautulli.Arrive(home.Row(row));
        }

        var states = await home.ReadAsync("id:1002", static options => options.PageSize = 4);

        Assert.Equal(30, states.Entries);
        Assert.Equal(Enumerable.Repeat(3, 10), states.Items.Select(state => state.ViewCount));
    }

    [Fact]
    public async Task What_is_being_played_is_left_out()
    {
        await using var home = await HomeAsync(3);
        home.Tautulli.Add(home.Row(9) with { State = "playing" });

        var states = await home.ReadAsync("id:1002");

        Assert.Equal(3, states.Entries);
        Assert.Empty(states.OtherKinds);
    }

    [Fact]
    public async Task Rows_that_are_deleted_meanwhile_make_it_read_again_and_then_refuse()
    {
        await using var home = await HomeAsync(30);
        home.Tautulli.Deletes = 2;

        var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("id:1002", static options => options.PageSize = 10));

        Assert.Equal(PlexErrorKind.IncompleteListing, failure.Kind);
        Assert.Equal(2, home.Requests.Count(request => request["start"] == "0"));
    }

    [Theory]
    [InlineData("\"recordsFiltered\":9000000000000000000,")]
    [InlineData("")]
    public async Task History_that_never_ends_is_refused(string total)
    {
        await using var home = await HomeAsync(1);
        var row = """{"row_id":1,"user_id":1002,"user":"kid","media_type":"movie","rating_key":1,"title":"One","watched_status":1}""";
        var answer = $$$$"""{"response":{"result":"success","data":{{{{{total}}}}"data":[{{{{row}}}}]}}}""";
        home.Plex.Faults.On("/api/v2").Status(200, answer, headers: ("Content-Type", "application/json"));

        var failure = await Assert.ThrowsAsync<PlexException>(
            () => home.ReadAsync("id:1002", cancellationToken: new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token));

        Assert.Equal(PlexErrorKind.IncompleteListing, failure.Kind);
        Assert.InRange(home.Requests.Count, 2, 100);
    }

    [Fact]
    public async Task Unknown_user_is_refused_with_those_who_are_there()
    {
        await using var home = await HomeAsync(3);

        var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("id:1003"));

        Assert.Equal(PlexErrorKind.HistoryUserNotFound, failure.Kind);
        Assert.Equal(["Kid (id:1002)"], failure.Candidates);
        Assert.Equal(["1003", null], home.Requests.Select(request => request["user_id"]));
    }

    [Theory]
    [InlineData("Kid")]
    [InlineData("1002")]
    public async Task User_is_found_by_name_among_all_rows(string user)
    {
        await using var home = await HomeAsync(5);
        home.Tautulli.Add(home.Row(1) with { UserId = 1001, User = "owner", FriendlyName = "Owner" });

        var states = await home.ReadAsync(user);

        Assert.Equal((1002L, 5L), (states.User!.Id.Value, states.Entries));
        Assert.All(home.Requests, request => Assert.Null(request["user_id"]));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task What_Tautulli_says_is_wrong_is_told(int status)
    {
        await using var home = await HomeAsync(1);
        (home.Tautulli.Failure, home.Tautulli.FailureStatus) = ("Unable to execute database query.", status);

        var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("Kid"));

        Assert.Equal((PlexErrorKind.TautulliFailed, PlexErrorCategory.Connection), (failure.Kind, failure.Category));
        Assert.Contains("Unable to execute database query.", Assert.Single(failure.Candidates), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "Invalid apikey")]
    [InlineData(400, "Parameter apikey is required")]
    [InlineData(401, "Invalid apikey")]
    [InlineData(403, "API not enabled")]
    public async Task Refused_key_is_said_to_be_refused_and_not_shown(int status, string message)
    {
        await using var home = await HomeAsync(1);
        (home.Tautulli.Failure, home.Tautulli.FailureStatus) = ($"{message}: {Secret}", status);

        var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("Kid"));

        Assert.Equal((PlexErrorKind.TautulliKeyRefused, PlexErrorCategory.Account), (failure.Kind, failure.Category));
        Assert.DoesNotContain(Secret, $"{failure}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plex_and_other_services_are_told_from_Tautulli()
    {
        await using var home = await HomeAsync(1);
        var elsewhere = new Uri(home.Plex.TautulliUrl, "/elsewhere");

        foreach (var address in new[] { home.Plex.ServerUrl, home.Plex.AccountUrl, elsewhere })
        {
            var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("Kid", options => options.Address = address));

            Assert.True(
                failure.Kind is PlexErrorKind.NotTautulli or PlexErrorKind.TautulliKeyRefused or PlexErrorKind.TautulliFailed,
                $"{address}: {failure.Kind}");
        }

        home.Plex.Faults.On("/api/v2").Status(200, """{"some":"json"}""");
        Assert.Equal(
            PlexErrorKind.NotTautulli, (await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("Kid"))).Kind);
    }

    [Fact]
    public async Task Redirect_is_not_followed_so_that_the_key_goes_nowhere_else()
    {
        await using var home = await HomeAsync(1);
        home.Plex.Faults.On("/api/v2").Status(302, headers: ("Location", "http://127.0.0.1:9/api/v2"));

        var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("Kid"));

        Assert.Equal(PlexErrorKind.Redirected, failure.Kind);
    }

    [Fact]
    public async Task Answer_that_breaks_off_is_asked_for_again_and_no_row_counts_twice()
    {
        await using var home = await HomeAsync(40);
        home.Plex.Faults.On("/api/v2").Times(2).TruncateBody();
        home.Plex.Faults.On("/api/v2").Skip(2).Times(1).Status(503);

        var states = await home.ReadAsync("id:1002");

        Assert.Equal(40, states.Entries);
        Assert.Equal(Enumerable.Repeat(4, 10), states.Items.Select(state => state.ViewCount));
    }

    [Fact]
    public async Task Silence_ends_with_the_timeout_and_a_cancellation_at_once()
    {
        await using var home = await HomeAsync(1);
        home.Plex.Faults.On("/api/v2").Hang();

        var failure = await Assert.ThrowsAsync<PlexException>(() => home.ReadAsync("Kid", static options =>
        {
            (options.Timeout, options.MaxRetries) = (TimeSpan.FromMilliseconds(50), 1);
        }));
        using var stop = new CancellationTokenSource();
        var reading = home.ReadAsync("Kid", cancellationToken: stop.Token);
        await stop.CancelAsync();

        Assert.Equal(PlexErrorKind.Timeout, failure.Kind);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Theory]
    [InlineData("http://user:secret@nas:8181", "k")]
    [InlineData("http://nas:8181/?apikey=secret", "k")]
    [InlineData("ftp://nas", "k")]
    [InlineData("http://nas:8181", "")]
    [InlineData("http://nas:8181", "two words")]
    [InlineData("http://nas:8181", "line\nbreak")]
    public void Address_with_a_secret_and_a_key_that_is_none_are_refused(string address, string key)
    {
        using var http = new HttpClient();

        var failure = Assert.ThrowsAny<ArgumentException>(
            () => new TautulliClient(http, new TautulliOptions { Address = new Uri(address), ApiKey = key }));

        Assert.DoesNotContain("secret", $"{failure.Message}", StringComparison.Ordinal);
    }

    private static async Task<Home> HomeAsync(int rows)
    {
        var world = Worlds.Small();
        world.Tautulli = new SimulatedTautulli { ApiKey = Secret };
        var home = new Home(await PlexSimulator.StartAsync(world, TestContext.Current.CancellationToken));
        for (var row = 0; row < rows; row++)
        {
            home.Tautulli.Add(home.Row(row));
        }

        return home;
    }

    private sealed class Home(PlexSimulator plex) : IAsyncDisposable
    {
        public PlexSimulator Plex => plex;

        public SimulatedTautulli Tautulli => plex.World.Tautulli!;

        public IReadOnlyList<SimulatedRequest> Requests => [.. plex.Requests.All.Where(request => request.Role == "tautulli")];

        public TautulliRow Row(int number) => TautulliRow.Of(plex.World.User("Kid"), plex.World.Server.Item($"{(number % 10) + 1}"));

        public async Task<ImportedStates> ReadAsync(
            string user, Action<TautulliOptions>? change = null, CancellationToken cancellationToken = default)
        {
            using var http = new HttpClient(PlexClient.CreateHttpHandler());
            var options = new TautulliOptions
            {
                Address = plex.TautulliUrl,
                ApiKey = Secret,
                RetryDelay = TimeSpan.FromMilliseconds(1),
            };
            change?.Invoke(options);
            return await new TautulliClient(http, options).ReadHistoryAsync(user, cancellationToken);
        }

        public ValueTask DisposeAsync() => plex.DisposeAsync();
    }
}
