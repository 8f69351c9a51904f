using System.Globalization;
using System.Text;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What plans, journals, snapshots and pair files look like, to the byte.</summary>
public sealed class FileShapeTests : IDisposable
{
    /// <summary>Every field that a plan can have.</summary>
    private static string Plan => Repository.Read("tests/Fixtures/shapes/plan.json");

    private static string Journal => Repository.Read("tests/Fixtures/shapes/run.jsonl");

    private readonly DirectoryInfo _folder = OlderFiles.Copy();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_with_every_field_is_written_as_it_was_read() =>
        Assert.Equal(Plan, await RewriteAsync(Encoding.UTF8.GetBytes(Plan)));

    [Theory]
    [InlineData("plan.json")]
    [InlineData("plans.json")]
    public async Task Plan_of_an_older_version_is_written_as_it_was_read(string name)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(_folder.FullName, name), Cancellation);

        Assert.Equal(Encoding.UTF8.GetString(bytes), await RewriteAsync(bytes));
    }

    [Fact]
    public async Task Journal_has_a_line_for_everything_in_order()
    {
        var time = new JumpingTime();
        var plan = Assert.Single(await ReadAsync(Encoding.UTF8.GetBytes(Plan)));
        var root = _folder.CreateSubdirectory("new").FullName;
        var report = ReportOf(plan, time.Now);

        RunId run;
        await using (var writing = await new FileStore(root, time).BeginAsync(plan, Cancellation))
        {
            run = writing.Run;
            await writing.AnnounceAsync(plan.Changes[0], null, Cancellation);
            await writing.AnnounceAsync(plan.Changes[1], time.Now, Cancellation);
            foreach (var result in report.Results)
            {
                await writing.RecordAsync(result, Cancellation);
            }

            await writing.CompleteAsync(report, Cancellation);
        }

        Assert.Equal(
            Journal.Replace("2026-01-01T12-00-00Z-abcd", $"{run}", StringComparison.Ordinal),
            await File.ReadAllTextAsync(Path.Combine(root, "server-abc", "user-1002", $"{run}.jsonl"), Cancellation));
    }

    [Fact]
    public async Task Snapshot_of_an_older_version_is_written_as_it_was_read()
    {
        var path = Path.Combine(_folder.FullName, "snapshot.jsonl");
        await using var file = File.OpenRead(path);
        var snapshot = await SnapshotReader.ReadAsync(file, Cancellation);
        var lines = new SnapshotLines();

        lines.AddHeader(
            DateTimeOffset.Parse("2026-11-27T00:09:25.3177883Z", CultureInfo.InvariantCulture),
            snapshot.Server,
            snapshot.User,
            snapshot.Libraries.Select(static library => library.Library));
        foreach (var library in snapshot.Libraries)
        {
            library.Items.ForEach(item => lines.Add(item, library.Library.Key));
        }

        lines.AddFooter(lines.Keys.Count);

        Assert.Equal(await File.ReadAllTextAsync(path, Cancellation), Encoding.UTF8.GetString(lines.Bytes.Span));
    }

    [Fact]
    public void Pair_file_of_an_older_version_is_written_as_it_was_read()
    {
        var pairs = Path.Combine(_folder.FullName, "state", "journals", "pairs");
        var nas = MachineIdentifier.Parse("7919568957ceafcf318df136643e1cd9bc2f701e");
        foreach (var user in (long[])[1002, 1003, 2001])
        {
            var (one, other) = (new ServerUser(nas, new UserId(1001)), new ServerUser(nas, new UserId(user)));
            AgreementsFile.Write(_folder.CreateSubdirectory("new").FullName, AgreementsFile.Read(_folder.FullName, pairs, one, other)!);
        }

        Assert.All(
            Directory.GetFiles(pairs),
            path => Assert.Equal(
                File.ReadAllText(path), File.ReadAllText(Path.Combine(_folder.FullName, "new", Path.GetFileName(path)))));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static SyncReport ReportOf(SyncPlan plan, DateTimeOffset now) => new()
    {
        Plan = plan,
        Results =
        [
            new ChangeResult
            {
                Change = plan.Changes[0],
                Outcome = ChangeOutcome.Failed,
                Error = new PlexException(PlexErrorKind.DidNotStick, "No."),
                StateAfterRun = new WatchState { Position = TimeSpan.FromSeconds(90), LastViewedAt = now, UserRating = 7.5 },
            },
            new ChangeResult
            {
                Change = plan.Changes[1],
                Outcome = ChangeOutcome.Skipped,
                SkipReason = SkipReason.OwnersRating,
                StateAfterRun = new WatchState { LastViewedAt = now, UserRating = 8 },
            },
        ],
        Verified = 1,
        Error = new PlexException(PlexErrorKind.ServerError, "Gone."),
    };

    private static async Task<string> RewriteAsync(byte[] bytes)
    {
        using var output = new MemoryStream();
        await SyncPlan.WriteAllAsync(await ReadAsync(bytes), output, Cancellation);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static async Task<IReadOnlyList<SyncPlan>> ReadAsync(byte[] bytes)
    {
        using var input = new MemoryStream(bytes);
        return await SyncPlan.ReadAllAsync(input, Cancellation);
    }
}
