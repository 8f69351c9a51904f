using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization.Importing;

/// <summary>What Tautulli's <c>get_history</c> answers becomes a state for each item of one user.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class TautulliHistoryTests
{
    /// <summary>As Tautulli 2.18 sends it; the values are made up.</summary>
    private const string Recorded = """
        {"response":{"result":"success","message":null,"data":{"recordsFiltered":5,"recordsTotal":13,"draw":1,"filter_duration":"14 secs",
        "total_duration":"35 secs","data":[{"reference_id":1,"row_id":1,"id":1,"date":1790411113,"started":1790411113,"stopped":1790411120,
        "duration":7,"play_duration":7,"paused_counter":0,"user_id":1002,"user":"kid","friendly_name":"Kid","platform":"Linux",
        "product":"Some player","player":"player-1","live":0,"machine_id":"player-1","media_type":"movie","rating_key":4,
        "parent_rating_key":"","grandparent_rating_key":"","full_title":"A Film","title":"A Film","parent_title":"","grandparent_title":"",
        "original_title":"","year":1922,"media_index":"","parent_media_index":"","originally_available_at":"1922-05-18",
        "guid":"plex://movie/5d7768ba96b655001fdc0408","transcode_decision":"direct play","percent_complete":95,"watched_status":1,
        "group_count":1,"group_ids":"1","state":null,"session_key":null}]}}}
        """;

    [Fact]
    public async Task Recorded_row_is_read_in_full()
    {
        var states = await ReadAsync(Recorded);

        Assert.Equal(new UserReference(new UserId(1002), "Kid"), states.User);
        var state = Assert.Single(states.Items);
        Assert.Equal(
            new ImportedState
            {
                RatingKey = RatingKey.Parse("4"),
                Type = MediaType.Movie,
                Title = "A Film",
                Year = 1922,
                PlexGuid = "plex://movie/5d7768ba96b655001fdc0408",
                ViewCount = 1,
                Percent = 95,
                LastViewedAt = DateTimeOffset.FromUnixTimeSeconds(1790411120),
                ExternalIds = state.ExternalIds,
            },
            state);
        Assert.Equal((1L, 0L), (states.Entries, states.UnusableCount));
    }

    [Fact]
    public async Task Rows_of_one_item_become_one_state()
    {
        var states = await ReadAsync(Answer(
            Row(1, key: 4, percent: 40, status: "0.25", stopped: 100),
            Row(2, key: 4, percent: 96, status: "1", stopped: 300),
            Row(3, key: 4, percent: 10, status: "0", stopped: 400),
            Row(4, key: 4, percent: 99, status: "1", stopped: 200),
            Row(5, key: 5, percent: 30, status: "0", stopped: 100)));

        Assert.Equal(
            [(2, 99.0, 400L), (0, 30.0, 100L)],
            states.Items.Select(state => (state.ViewCount, state.Percent!.Value, state.LastViewedAt!.Value.ToUnixTimeSeconds())));
    }

    [Fact]
    public async Task Numbers_as_text_and_empty_texts_are_understood()
    {
        var states = await ReadAsync(Answer(
            """
            {"row_id":"7","date":"100","stopped":"","user_id":"1002","user":"kid","friendly_name":"Kid","live":"0","media_type":"episode",
            "rating_key":"13","title":"One","grandparent_title":"A Show","year":"","media_index":"1","parent_media_index":"2","guid":"",
            "percent_complete":"88.5","watched_status":"0.75"}
            """));

        var state = Assert.Single(states.Items);
        Assert.Equal("A Show – S02E01 – One", $"{state}");
        Assert.Equal((0, 88.5, 100L, null), (state.ViewCount, state.Percent, state.LastViewedAt!.Value.ToUnixTimeSeconds(), state.Year));
    }

    [Fact]
    public async Task Rows_that_are_no_film_or_episode_are_counted_by_kind()
    {
        var states = await ReadAsync(Answer(
            Row(1), Row(2, kind: "track"), Row(3, kind: "track"), Row(4, kind: "clip"), Row(5, more: ""","live":1"""),
            Row(6, more: ""","state":"playing" """)));

        Assert.Single(states.Items);
        Assert.Equal((6L, 0L), (states.Entries, states.UnusableCount));
        Assert.Equal(
            [("clip", 1L), ("live", 1L), ("playing", 1L), ("track", 2L)],
            states.OtherKinds.OrderBy(kind => kind.Key).Select(kind => (kind.Key, kind.Value)));
    }

    [Theory]
    [InlineData("{0}{1}")]
    [InlineData("{0}\n\n{1}\n")]
    [InlineData("[{0},{1}]")]
    [InlineData("{0}[{1}]")]
    [InlineData("\uFEFF {0} {1}")]
    public async Task Several_pages_are_one_history_and_repeated_rows_are_dropped(string form)
    {
        var first = Answer(Row(3), Row(2, key: 5));
        var second = Answer(Row(2, key: 5), Row(1, key: 6));

        var states = await ReadAsync(string.Format(CultureInfo.InvariantCulture, form, first, second));

        Assert.Equal(["4", "5", "6"], states.Items.Select(state => $"{state.RatingKey}"));
        Assert.Equal([1, 1, 1], states.Items.Select(state => state.ViewCount));
        Assert.Equal(3, states.Entries);
    }

    [Theory]
    [InlineData("id:1002", 1002)]
    [InlineData("ID: 0", 0)]
    [InlineData("Kid", 1002)]
    [InlineData("JUNIOR", 1003)]
    [InlineData("1003", 1003)]
    [InlineData("local", 0)]
    public async Task User_is_found_by_id_or_any_name(string user, long id)
    {
        var states = await ReadAsync(
            Answer(Row(1), Row(2, user: 1003, name: "junior", friendly: "Teen"), Row(3, user: 0, name: "Local", friendly: "Local")), user);

        Assert.Equal((id, 1L), (states.User!.Id.Value, states.Entries));
    }

    [Theory]
    [InlineData("id:7", PlexErrorKind.HistoryUserNotFound, "Kid (id:1002), Kid (id:1003)")]
    [InlineData("Nobody", PlexErrorKind.HistoryUserNotFound, "Kid (id:1002), Kid (id:1003)")]
    [InlineData("kid", PlexErrorKind.HistoryUserAmbiguous, "Kid (id:1002), Kid (id:1003)")]
    public async Task Unknown_or_ambiguous_user_is_refused_with_those_who_are_there(string user, PlexErrorKind kind, string candidates)
    {
        var failure = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(Answer(Row(1), Row(2, user: 1003)), user));

        Assert.Equal(kind, failure.Kind);
        Assert.Equal(PlexErrorCategory.Usage, failure.Category);
        Assert.Equal(candidates, string.Join(", ", failure.Candidates));
    }

    [Theory]
    [InlineData("kid")]
    [InlineData("junior")]
    public async Task Name_that_only_some_rows_have_is_refused_with_the_id(string name)
    {
        var history = Answer(
            Row(3, name: "kid", friendly: "Little one"), Row(2, name: "junior", friendly: "Little one"),
            Row(1, name: "kid", friendly: "Little one"));

        var states = await ReadAsync(history, "Little one");
        var renamed = Answer(Row(5, name: "x", friendly: "Little one"), Row(4, name: "kid", friendly: "Little one"));
        var failure = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(name == "kid" ? renamed : history, name));

        Assert.Equal(3, states.Entries);
        Assert.Equal(PlexErrorKind.HistoryUserNotFound, failure.Kind);
        Assert.Equal(["Little one (id:1002)"], failure.Candidates);
    }

    [Fact]
    public async Task Damaged_rows_are_named_and_cost_no_other()
    {
        var states = await ReadAsync(Answer(
            Row(1),
            "17",
            "null",
            """["row"]""",
            """{"row_id":3,"user_id":"?","title":"Nobody's","media_type":"movie","rating_key":5,"percent_complete":5}""",
            """{"row_id":4,"user_id":1002,"title":"No state","media_type":"movie","rating_key":5,"percent_complete":"?"}""",
            """{"row_id":5,"user_id":1002,"title":"Negative","media_type":"movie","rating_key":5,"percent_complete":-5}""",
            """{"row_id":6,"user_id":1002,"title":"","media_type":"movie","rating_key":5,"guid":"","percent_complete":5}""",
            """{"row_id":7,"user_id":1002,"title":"No item","media_type":"movie","rating_key":"","guid":"local://5","watched_status":1}""",
            """{"row_id":8,"user_id":1002,"title":"No kind","media_type":"","rating_key":5,"percent_complete":5}""",
            Row(9, key: 6)));

        Assert.Equal(["4", "6"], states.Items.Select(state => $"{state.RatingKey}"));
        Assert.Equal(
            [
                (2L, null, UnusableReason.Damaged), (3, null, UnusableReason.Damaged), (4, null, UnusableReason.Damaged),
                (5, "Nobody's", UnusableReason.NobodyNamed), (6, "No state", UnusableReason.StateDamaged),
                (7, "Negative", UnusableReason.StateDamaged), (8, "", UnusableReason.NotIdentified),
                (9, "No item", UnusableReason.NotIdentified), (10, "No kind", UnusableReason.Damaged),
            ],
            states.Unusable.Select(entry => (entry.Position, entry.Title, entry.Reason)));
        Assert.Equal(9, states.UnusableCount);
    }

    [Fact]
    public void Random_damage_never_loses_a_good_row() => Prop.ForAll(Damage.ToArbitrary(), static damages =>
    {
        var rows = damages.Select(static (damage, at) => damage.Field < 0 ? Row(at + 1, at + 1)
            : damage.Field == Fields.Length ? Damages[damage.Damage]
            : Row(at + 1, at + 1, damaged: (Fields[damage.Field], Damages[damage.Damage])));
        var states = ReadAsync(Answer([.. rows, Row(9999, key: 9999)])).GetAwaiter().GetResult();
        var good = damages.Select(static (damage, at) => (damage.Field, Key: $"{at + 1}")).Where(static row => row.Field < 0)
            .Select(static row => row.Key).Append("9999").ToHashSet();
        return good.IsSubsetOf(states.Items.Select(static state => $"{state.RatingKey}"))
            && states.UnusableCount <= damages.Count(static damage => damage.Field >= 0);
    }).Check(Thoroughness.Of(200, 5000));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html></html>")]
    [InlineData("""{"response":{"result":"error","message":"Nope","data":{}}}""")]
    [InlineData("""{"response":{"result":"success","data":{}}}""")]
    [InlineData("""{"format":"plexsync-plan","version":1}""")]
    public async Task Something_else_is_refused(string text)
    {
        var failure = await Assert.ThrowsAsync<PlexException>(() => ReadAsync(text));

        Assert.Equal(PlexErrorKind.InvalidFile, failure.Kind);
    }

    [Fact]
    public async Task Cut_file_is_refused_wherever_it_ends()
    {
        var whole = Encoding.UTF8.GetBytes(Recorded.TrimEnd());

        for (var length = 0; length < whole.Length; length += 3)
        {
            using var cut = new MemoryStream(whole, 0, length);
            var failure = await Assert.ThrowsAsync<PlexException>(() => TautulliHistory.ReadAsync(cut, "Kid"));
            Assert.Equal(PlexErrorKind.InvalidFile, failure.Kind);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Pieces_may_be_of_any_size(int size)
    {
        var rows = Enumerable.Range(1, 500).Select(row => Row(row, key: row % 50)).ToArray();
        await using var stream = new Pieces(Encoding.UTF8.GetBytes(Answer(rows)), size);

        var states = await TautulliHistory.ReadAsync(stream, "Kid");

        Assert.Equal((500L, 50), (states.Entries, states.Items.Count));
        Assert.All(states.Items, state => Assert.Equal(10, state.ViewCount));
    }

    [Fact]
    public async Task Memory_grows_with_the_items_and_not_with_the_rows()
    {
        await using var stream = new Generated(200_000, row => Row(row, key: row % 100));
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var states = await TautulliHistory.ReadAsync(stream, "Kid");

        Assert.Equal((200_000L, 100), (states.Entries, states.Items.Count));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4 * 1024 * 1024);
    }

    private static readonly string[] Fields =
        ["user_id", "media_type", "rating_key", "title", "percent_complete", "watched_status", "stopped", "row_id", "guid"];

    private static readonly string[] Damages = ["null", "\"\"", "\"?\"", "-1", "1e400", "{}", "[[1]]", "\"\\ud800\"", "true"];

    /// <summary>What becomes of each row: nothing, one field damaged, or something else in its place.</summary>
    private static Gen<(int Field, int Damage)[]> Damage => Gen.Choose(-10, Fields.Length).SelectMany(
        static number => Gen.Choose(0, Damages.Length - 1).Select(damage => (number, damage))).ArrayOf();

    private static async Task<ImportedStates> ReadAsync(string text, string user = "Kid")
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await TautulliHistory.ReadAsync(stream, user, TestContext.Current.CancellationToken);
    }

    private static string Answer(params string[] rows) =>
        $$$"""
        {"response":{"result":"success","message":null,"data":{"recordsFiltered":{{{rows.Length}}},"data":[{{{string.Join(",", rows)}}}]}} }
        """;

    private static string Row(
        int row, int key = 4, int percent = 100, string status = "1", long stopped = 1790000000, long user = 1002, string name = "kid",
        string friendly = "Kid", string kind = "movie", string more = "", (string Field, string Value)? damaged = null)
    {
        var fields = new Dictionary<string, string>
        {
            ["row_id"] = $"{row}",
            ["stopped"] = $"{stopped}",
            ["user_id"] = $"{user}",
            ["user"] = $"\"{name}\"",
            ["friendly_name"] = $"\"{friendly}\"",
            ["media_type"] = $"\"{kind}\"",
            ["rating_key"] = $"{key}",
            ["title"] = $"\"Film {key}\"",
            ["guid"] = $"\"plex://movie/{key}\"",
            ["percent_complete"] = $"{percent}",
            ["watched_status"] = status,
        };
        if (damaged is var (field, value))
        {
            fields[field] = value;
        }

        return $"{{{string.Join(",", fields.Select(pair => $"\"{pair.Key}\":{pair.Value}"))}{more}}}";
    }

    /// <summary>A stream that gives a few bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }

    /// <summary>A history that is made as it is read.</summary>
    private sealed class Generated(int rows, Func<int, string> rowOf) : Stream
    {
        private int _row;
        private byte[] _rest = Encoding.UTF8.GetBytes("""{"response":{"result":"success","data":{"data":[""");

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_rest.Length == 0 && _row <= rows)
            {
                _rest = Encoding.UTF8.GetBytes(_row < rows ? $"{(_row > 0 ? "," : "")}{rowOf(_row + 1)}" : "]}}}");
                _row++;
            }

            var count = Math.Min(buffer.Length, _rest.Length);
            _rest.AsMemory(0, count).CopyTo(buffer);
            _rest = _rest[count..];
            return ValueTask.FromResult(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
