using System.Globalization;
using System.Text;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What plans, journals, snapshots and pair files look like, to the byte.</summary>
public sealed class FileShapeTests : IDisposable
{
    /// <summary>Every field that a plan can have.</summary>
    private const string Plan = """
        {
          "format": "plexsync-plan",
          "version": 1,
          "createdAt": "2026-11-27T00:09:24.7818723Z",
          "server": {
            "machineIdentifier": "abc",
            "name": "NAS",
            "version": "1.43"
          },
          "source": {
            "id": 1001,
            "title": "Owner"
          },
          "moreSources": [
            {
              "id": 1003,
              "title": "Teen"
            }
          ],
          "sourceServer": {
            "machineIdentifier": "def",
            "name": "Attic",
            "version": "1.42"
          },
          "target": {
            "id": 1002,
            "title": "Élodie"
          },
          "identity": "proved",
          "policy": "mirror",
          "undoes": "2026-01-01T00-00-00Z-abcd",
          "playingUnknown": true,
          "libraries": [
            {
              "key": "1",
              "title": "Movies",
              "type": "movie",
              "sourceItems": 3,
              "targetItems": 0
            },
            {
              "key": "2",
              "title": "TV",
              "type": "show",
              "sourceItems": 0,
              "targetItems": 0,
              "error": {
                "kind": "incompleteListing",
                "message": "Cut."
              }
            }
          ],
          "changes": [
            {
              "ratingKey": "42",
              "library": "1",
              "type": "movie",
              "title": "[REC] “日本”",
              "year": 1999,
              "durationMs": 6000000,
              "action": "unwatched",
              "before": {
                "viewCount": 2,
                "positionMs": 90000,
                "lastViewedAt": "2026-11-01T20:00:00Z",
                "userRating": 7.5
              },
              "after": {
                "viewCount": 0,
                "positionMs": 0
              },
              "reason": "sourceUnwatched",
              "sourceViewedAt": "2026-10-01T20:00:00Z",
              "removal": true,
              "lost": [
                "lastViewedAt",
                "viewCount"
              ],
              "restsOn": {
                "server": "def",
                "user": 1001,
                "items": [
                  "42",
                  "43"
                ],
                "state": {
                  "viewCount": 0,
                  "positionMs": 0
                }
              }
            },
            {
              "ratingKey": "50",
              "library": "2",
              "type": "episode",
              "title": "Pilot",
              "show": "Show",
              "season": 0,
              "episode": 1,
              "action": "rating",
              "before": {
                "viewCount": 0,
                "positionMs": 0
              },
              "after": {
                "viewCount": 0,
                "positionMs": 0,
                "userRating": 8
              },
              "reason": "sourceRated"
            }
          ],
          "skipped": [
            {
              "ratingKey": "51",
              "library": "2",
              "type": "episode",
              "title": "News",
              "show": "Show",
              "originallyAvailableAt": "2026-02-03",
              "reason": "notVisibleToTarget"
            }
          ]
        }
        """;

    private const string Journal = """
        {"run":{"format":"plexsync-journal","version":1,"run":"2026-01-01T12-00-00Z-abcd","order":1,"startedAt":"2026-01-01T12:00:00Z","plannedAt":"2026-11-27T00:09:24.7818723Z","server":{"machineIdentifier":"abc","name":"NAS","version":"1.43"},"source":{"id":1001,"title":"Owner"},"moreSources":[{"id":1003,"title":"Teen"}],"sourceServer":{"machineIdentifier":"def","name":"Attic","version":"1.42"},"target":{"id":1002,"title":"Élodie"},"identity":"proved","policy":"mirror","undoes":"2026-01-01T00-00-00Z-abcd","changes":2,"libraries":[{"key":"1","title":"Movies","type":"movie","sourceItems":3,"targetItems":0},{"key":"2","title":"TV","type":"show","sourceItems":0,"targetItems":0,"error":{"kind":"incompleteListing","message":"Cut."}}]}}
        {"change":{"ratingKey":"42","library":"1","type":"movie","title":"[REC] “日本”","year":1999,"durationMs":6000000,"action":"unwatched","before":{"viewCount":2,"positionMs":90000,"lastViewedAt":"2026-11-01T20:00:00Z","userRating":7.5},"after":{"viewCount":0,"positionMs":0},"reason":"sourceUnwatched","sourceViewedAt":"2026-10-01T20:00:00Z","removal":true,"lost":["lastViewedAt","viewCount"],"restsOn":{"server":"def","user":1001,"items":["42","43"],"state":{"viewCount":0,"positionMs":0}}}}
        {"change":{"ratingKey":"50","library":"2","type":"episode","title":"Pilot","show":"Show","season":0,"episode":1,"action":"rating","before":{"viewCount":0,"positionMs":0},"after":{"viewCount":0,"positionMs":0,"userRating":8},"reason":"sourceRated"}}
        {"ready":2}
        {"sending":"42"}
        {"sending":"50","at":"2026-01-01T12:00:00Z","rating":true}
        {"outcome":{"ratingKey":"42","outcome":"failed","error":{"kind":"didNotStick","message":"No."},"left":{"lastViewedAt":"2026-01-01T12:00:00Z","viewCount":0,"positionMs":90000}}}
        {"outcome":{"ratingKey":"50","rating":true,"outcome":"skipped","reason":"ownersRating","left":{"viewCount":0,"positionMs":0,"userRating":8}}}
        {"end":{"outcomes":{"failed":1,"skipped":1},"written":2,"endedAt":"2026-01-01T12:00:00Z","verified":1,"error":{"kind":"serverError","message":"Gone."}}}

        """;

    private readonly DirectoryInfo _folder = OlderFiles.Copy();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_with_every_field_is_written_as_it_was_read() => Assert.Equal(Plan, await RewriteAsync(Encoding.UTF8.GetBytes(Plan)));

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
            Journal.ReplaceLineEndings("\n").Replace("2026-01-01T12-00-00Z-abcd", $"{run}", StringComparison.Ordinal),
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
