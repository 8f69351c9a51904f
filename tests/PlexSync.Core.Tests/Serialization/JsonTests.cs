using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Serialization;

/// <summary>What any user of System.Text.Json gets, without converters of their own: nothing public is lost.</summary>
public sealed class JsonTests
{
    private static readonly MediaItem Film = new()
    {
        RatingKey = RatingKey.Parse("42"),
        Type = MediaType.Movie,
        Title = "Dune",
        State = new WatchState { ViewCount = 1 },
    };

    /// <summary>Reflection, and source generation; names as they are, and as on the web.</summary>
    public static TheoryData<string> Modes => ["reflection", "reflection, web", "generated", "generated, web"];

    [Fact]
    public void Every_value_type_and_enumeration_has_a_converter_that_another_assembly_can_make()
    {
        Assert.All(PublicTypes.Enums.Concat(PublicTypes.Identifiers), static type =>
        {
            var converter = type.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType;
            Assert.True(converter is { IsVisible: true } && converter.GetConstructor([]) is { IsPublic: true }, $"{type}");
        });
        Assert.Contains(typeof(RatingKey), PublicTypes.Identifiers);
        Assert.Contains(typeof(SkipReason), PublicTypes.Enums);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Every_public_type_that_is_data_comes_back_as_it_was(string mode)
    {
        var options = OptionsOf(mode);

        Assert.All(PublicTypes.Data, type => Assert.All(Enumerable.Range(0, 20), seed => RequireRoundTrip(type, seed, options)));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Plans_and_reports_come_back_as_they_were(string mode)
    {
        var options = OptionsOf(mode);

        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            RequireRoundTrip(typeof(SyncPlan), seed, options);
            RequireRoundTrip(typeof(SyncReport), seed, options);
        }).Check(Thoroughness.Of(200, 5000));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Keys_of_dictionaries_come_back(string mode)
    {
        var options = OptionsOf(mode);

        var items = Return(new Dictionary<RatingKey, MediaItem> { [Film.RatingKey] = Film }, options);
        var reasons = Return(new Dictionary<UserId, SkipReason?> { [new UserId(7)] = SkipReason.NoMatch, [default] = null }, options);
        var counts = Return(new Dictionary<SkipReason, int> { [SkipReason.PlayedNow] = 3 }, options);

        Assert.Equal(Values.Dump(Film), Values.Dump(items[Film.RatingKey]));
        Assert.Equal((SkipReason.NoMatch, null), (reasons[new UserId(7)], reasons[default]));
        Assert.Equal(3, counts[SkipReason.PlayedNow]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Members_of_a_home_come_back_from_a_list_of_users(string mode)
    {
        List<PlexUser> users =
        [
            new HomeUser { Id = new UserId(1), Title = "Owner", IsAdmin = true }, new PlexUser { Id = new UserId(2), Title = "Friend" },
        ];

        Assert.Equal(users, Return(users, OptionsOf(mode)));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Values_that_were_never_set_can_be_written_and_read(string mode) =>
        Assert.All(PublicTypes.Data.Where(static type => type.IsValueType), type =>
        {
            var options = OptionsOf(mode);
            if (type != typeof(ConflictContext))
            {
                var never = Activator.CreateInstance(type);
                Assert.Equal(never, JsonSerializer.Deserialize(JsonSerializer.Serialize(never, type, options), type, options));
            }
        });

    [Theory]
    [MemberData(nameof(Modes))]
    public void Lists_that_are_missing_or_null_are_empty(string mode)
    {
        var options = OptionsOf(mode);
        var plan = JsonSerializer.SerializeToNode(Values.Make<SyncPlan>(1), options)!.AsObject();
        plan.Remove(NameOf("Skipped", options));
        plan[NameOf("Changes", options)] = null;

        var read = plan.Deserialize<SyncPlan>(options)!;

        Assert.Empty(read.Skipped);
        Assert.Empty(read.Changes);
    }

    [Fact]
    public void Words_are_those_of_the_command_line()
    {
        var options = OptionsOf("generated, web");
        var change = new PlannedChange
        {
            Item = Film,
            Library = LibraryKey.Parse("1"),
            Action = ChangeAction.Unwatched,
            After = default,
            Reason = ChangeReason.SourceUnwatched,
            Lost = LostState.LastViewedAt | LostState.ViewCount,
        };

        var json = JsonSerializer.SerializeToNode(change, options)!;

        Assert.Equal("unwatched", (string?)json["action"]);
        Assert.Equal("sourceUnwatched", (string?)json["reason"]);
        Assert.Equal("""["lastViewedAt","viewCount"]""", json["lost"]!.ToJsonString());
        Assert.Equal("42", (string?)json["item"]!["ratingKey"]);
        Assert.Equal("movie", (string?)json["item"]!["type"]);
    }

    [Theory]
    [InlineData("\"42\"", "\"fromTomorrow\"", "fromTomorrow", "$.reason")]
    [InlineData("\"a/b\"", "\"noMatch\"", "a/b", "$.item.ratingKey")]
    [InlineData("42", "\"noMatch\"", "RatingKey", "$.item.ratingKey")]
    [InlineData("\"42\"", "10", "SkipReason", "$.reason")]
    public void What_cannot_be_read_is_named_with_its_place(string key, string reason, string what, string where)
    {
        var json = $$"""{"item":{"ratingKey":{{key}},"title":"Dune","type":"movie"},"library":"1","reason":{{reason}}}""";
        foreach (var mode in new[] { "reflection, web", "generated, web" })
        {
            var e = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SkippedItem>(json, OptionsOf(mode)));

            Assert.Contains(what, e.Message, StringComparison.Ordinal);
            Assert.Equal(where, e.Path);
        }
    }

    [Fact]
    public void Kind_of_a_failure_from_a_newer_version_is_named()
    {
        var e = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LibraryComparison>(
            """{"sourceItems":1,"library":{"key":"1","title":"Films","type":"movie"},"error":{"kind":"newKind","message":"m"}}""",
            OptionsOf("generated, web")));

        Assert.Contains("'newKind' is not a PlexErrorKind", e.Message, StringComparison.Ordinal);
        Assert.Equal("$.error", e.Path);
    }

    [Fact]
    public void Failure_says_neither_its_cause_nor_its_stack()
    {
        var failure = Assert.Throws<PlexException>((Action)(static () =>
            throw new PlexException(PlexErrorKind.Forbidden, "Not allowed.", new InvalidOperationException("X-Plex-Token=secret"))));

        var json = JsonSerializer.Serialize(failure, TestJsonContext.Default.PlexException);

        Assert.Equal("""{"Kind":"forbidden","Message":"Not allowed."}""", json);
    }

    private static void RequireRoundTrip(Type type, int seed, JsonSerializerOptions options)
    {
        var value = new Values(seed).Make(type);

        var json = JsonSerializer.Serialize(value, type, options);
        var read = JsonSerializer.Deserialize(json, type, options);

        Assert.Equal(Values.Dump(value), Values.Dump(read));
        Assert.Equal(json, JsonSerializer.Serialize(read, type, options));
    }

    private static T Return<T>(T value, JsonSerializerOptions options) =>
        JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(value, options), options)!;

    private static string NameOf(string property, JsonSerializerOptions options) =>
        options.PropertyNamingPolicy?.ConvertName(property) ?? property;

    private static JsonSerializerOptions OptionsOf(string mode) =>
        new(mode.EndsWith("web", StringComparison.Ordinal) ? JsonSerializerDefaults.Web : JsonSerializerDefaults.General)
        {
            TypeInfoResolver = mode.StartsWith("generated", StringComparison.Ordinal)
                ? TestJsonContext.Default : new DefaultJsonTypeInfoResolver(),
        };
}
