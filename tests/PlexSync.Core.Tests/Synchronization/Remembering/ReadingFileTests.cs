using System.Text.Json.Nodes;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The file of a last reading: where it cannot be used, everything is read.</summary>
public sealed class ReadingFileTests : IDisposable
{
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_760_000_000);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-readings-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private FileStore Store => new(_folder.FullName);

    private FileInfo File => _folder.EnumerateFiles("*.json", SearchOption.AllDirectories).Single();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"plexsync-reading\"}")]
    public async Task File_that_is_no_reading_is_none(string text)
    {
        await WriteAsync();
        await System.IO.File.WriteAllTextAsync(File.FullName, text, Cancellation);

        Assert.Null(await ReadAsync());
    }

    [Fact]
    public async Task File_that_is_cut_anywhere_or_damaged_in_any_field_is_none_or_a_reading()
    {
        await WriteAsync();
        var text = await System.IO.File.ReadAllTextAsync(File.FullName, Cancellation);
        foreach (var length in Enumerable.Range(0, text.TrimEnd().Length))
        {
            await System.IO.File.WriteAllTextAsync(File.FullName, text[..length], Cancellation);
            Assert.Null(await ReadAsync());
        }

        foreach (var field in Damage.DamagedHousehold.FieldsOf(JsonNode.Parse(text)!))
        {
            foreach (var value in (string[])["null", "0", "-1", "99999999999999999999", "\"\"", "\"a b c d e\"", "[null]", "{}"])
            {
                var root = JsonNode.Parse(text)!;
                Replace(root, field.Split('/'), JsonNode.Parse(value));
                await System.IO.File.WriteAllTextAsync(File.FullName, root.ToJsonString(), Cancellation);
                // It does not throw; what it reads is checked against the server.
                _ = await ReadAsync();
            }
        }
    }

    [Fact]
    public async Task File_of_another_version_or_question_is_none()
    {
        await WriteAsync();
        var root = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File.FullName, Cancellation))!;
        root["version"] = 2;
        await System.IO.File.WriteAllTextAsync(File.FullName, root.ToJsonString(), Cancellation);
        Assert.Null(await ReadAsync());

        (root["version"], root["question"]) = (1, "another");
        await System.IO.File.WriteAllTextAsync(File.FullName, root.ToJsonString(), Cancellation);
        Assert.Null(await ReadAsync());
    }

    [Fact]
    public async Task Damaged_file_means_that_everything_is_read()
    {
        using var home = new ViewingHousehold();
        home.View(1001, "1", views: 1);
        Assert.Equal(WholeReadingReason.NothingKnown, await RunAsync());
        Assert.Null(await RunAsync());
        await System.IO.File.WriteAllTextAsync(
            _folder.EnumerateFiles("*.json", SearchOption.AllDirectories).Single(file => file.Directory!.Name == "readings").FullName,
            "{",
            Cancellation);

        Assert.Equal(WholeReadingReason.NothingKnown, await RunAsync());
        Assert.Null(await RunAsync());

        async Task<WholeReadingReason?> RunAsync()
        {
            var users = await home.ConnectAsync();
            var synchronizer = new WatchStateSynchronizer(Store);
            var plan = await synchronizer.PlanAsync(users[0], users[1], new SyncOptions { Quick = true }, null, Cancellation);
            await synchronizer.ApplyAsync(plan, users[0], users[1], cancellationToken: Cancellation);
            return plan.WholeBecause;
        }
    }

    [Fact]
    public async Task Store_that_has_lost_its_runs_means_that_everything_is_read()
    {
        using var home = new ViewingHousehold();
        home.View(1001, "1", views: 1);
        var users = await home.ConnectAsync();
        var synchronizer = new WatchStateSynchronizer(Store);
        var plan = await synchronizer.PlanAsync(users[0], users[1], cancellationToken: Cancellation);
        await synchronizer.ApplyAsync(plan, users[0], users[1], cancellationToken: Cancellation);
        var quick = new SyncOptions { Quick = true };
        Assert.Null((await synchronizer.PlanAsync(users[0], users[1], quick, null, Cancellation)).WholeBecause);
        _folder.EnumerateFiles("*.jsonl", SearchOption.AllDirectories).Single().Delete();

        Assert.Equal(
            WholeReadingReason.RunsSince, (await synchronizer.PlanAsync(users[0], users[1], quick, null, Cancellation)).WholeBecause);
    }

    [Fact]
    public async Task Store_that_fails_costs_the_reading_and_not_the_run()
    {
        using var home = new ViewingHousehold();
        home.View(1001, "1", views: 1);
        var users = await home.ConnectAsync();
        // A file stands where the folder would be.
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder.FullName, "readings"), "", Cancellation);
        var synchronizer = new WatchStateSynchronizer(Store);
        var plan = await synchronizer.PlanAsync(users[0], users[1], cancellationToken: Cancellation);

        var report = await synchronizer.ApplyAsync(plan, users[0], users[1], cancellationToken: Cancellation);

        Assert.Null(report.Error);
        Assert.Equal(1, report.Verified);
    }

    [Fact]
    public void Question_names_server_users_and_what_was_asked_for()
    {
        ServerUser one = new(MachineIdentifier.Parse("m"), new UserId(1)), two = one with { User = new UserId(2) };
        string[] questions =
        [
            ChangeReader.QuestionOf(new SyncOptions(), [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions(), [two, one], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions(), [one, two with { Server = MachineIdentifier.Parse("n") }], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions { Direction = SyncDirection.TwoWay }, [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions { Types = [MediaType.Movie] }, [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions { Libraries = ["Movies"] }, [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions { ExcludedLibraries = ["Movies"] }, [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions { Ratings = true }, [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions { Unwatched = true }, [one, two], isMerge: false),
            ChangeReader.QuestionOf(new SyncOptions(), [one, two], isMerge: true),
        ];

        Assert.Equal(questions.Length, questions.Distinct().Count());
        // The order of the users makes no difference to a merge.
        Assert.Equal(questions[^1], ChangeReader.QuestionOf(new SyncOptions(), [two, one], isMerge: true));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Replace(JsonNode root, string[] path, JsonNode? value)
    {
        var parent = path[..^1].Aggregate(root, static (node, step) => node is JsonArray list ? list[int.Parse(step, null)]! : node[step]!);
        if (parent is JsonArray list)
        {
            list[int.Parse(path[^1], null)] = value;
        }
        else
        {
            parent[path[^1]] = value;
        }
    }

    private Task WriteAsync() => Store.WriteLastReadingAsync(
        new LastReading
        {
            Question = "q",
            WholeAt = At,
            Since = At,
            Users =
            [
                new ReadUser(new(MachineIdentifier.Parse("m"), new UserId(1)), "runs", [new ReadLibrary(
                    LibraryKey.Parse("1"), At, [new ViewedItem(RatingKey.Parse("42"), At, 2, TimeSpan.FromSeconds(90))])]),
            ],
            Open = [new OpenItem(LibraryKey.Parse("1"), RatingKey.Parse("7"))],
        },
        Cancellation);

    private Task<LastReading?> ReadAsync() => Store.ReadLastReadingAsync("q", Cancellation);
}
