using Microsoft.Extensions.Time.Testing;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>What a job may say, what its words mean, and what is wrong with one that cannot be run.</summary>
public sealed class SyncJobTests
{
    private static readonly FakeTimeProvider Noon = new(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, PlexErrorKind, string, string?> Wrong { get; } = new()
    {
        { "nobody", PlexErrorKind.MissingOption, "To", null },
        { "to and toAll", PlexErrorKind.OptionsConflict, "To", "ToAll" },
        { "to and users", PlexErrorKind.OptionsConflict, "To", "Users" },
        { "toAll and users", PlexErrorKind.OptionsConflict, "ToAll", "Users" },
        { "except without toAll", PlexErrorKind.MissingOption, "ToAll", "Except" },
        { "blank name", PlexErrorKind.InvalidOption, "To", " " },
        { "merge of one", PlexErrorKind.InvalidOption, "Users", "Kid" },
        { "merge from", PlexErrorKind.OptionsConflict, "From", "Users" },
        { "merge in two directions", PlexErrorKind.OptionsConflict, "TwoWay", "Users" },
        { "merge that un-watches", PlexErrorKind.OptionsConflict, "Unwatched", "Users" },
        { "merge by identifiers", PlexErrorKind.OptionsConflict, "Match", "Users" },
        { "merge by mirror", PlexErrorKind.PolicyNotFound, "Policy", "mirror" },
        { "unknown policy", PlexErrorKind.PolicyNotFound, "Policy", "latest" },
        { "two mirrors", PlexErrorKind.OptionsConflict, "Policy", "TwoWay" },
        { "un-watching of several", PlexErrorKind.OptionsConflict, "Unwatched", "TwoWay" },
        { "un-watching of all", PlexErrorKind.OptionsConflict, "Unwatched", "TwoWay" },
        { "unknown match", PlexErrorKind.InvalidOption, "Match", "name" },
        { "unknown kind", PlexErrorKind.InvalidOption, "Only", "ratings" },
        { "unknown type", PlexErrorKind.InvalidOption, "Types", "film" },
        { "unknown type left out", PlexErrorKind.InvalidOption, "Types", "film" },
        { "no type left", PlexErrorKind.InvalidOption, "Types", null },
        { "nameless library", PlexErrorKind.InvalidOption, "Libraries", "!" },
        { "negative limit", PlexErrorKind.InvalidOption, "MaxRemovals", "-1" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Job_that_cannot_be_run_is_refused(string what, PlexErrorKind kind, string option, string? subject)
    {
        var e = Assert.Throws<PlexException>(() => JobOf(what).Validate(Noon));

        Assert.Equal((kind, option, subject, PlexErrorCategory.Usage), (e.Kind, e.Option, e.Subject, e.Category));
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("2999-01-01")]
    [InlineData("2026-02-30")]
    [InlineData("2026-11-28")]
    [InlineData("0d")]
    [InlineData("d")]
    [InlineData("")]
    [InlineData("-1d")]
    [InlineData("100000d")]
    [InlineData("3m")]
    public void Since_takes_no_other_words(string since)
    {
        var e = Assert.Throws<PlexException>(() => new SyncJob { To = ["Kid"], Since = since }.Validate(Noon));

        Assert.Equal((PlexErrorKind.InvalidOption, "Since", since), (e.Kind, e.Option, e.Subject));
    }

    [Theory]
    [InlineData("2026-11-27", "2026-11-27T00:00:00Z")]
    [InlineData("12h", "2026-11-27T00:00:00Z")]
    [InlineData("30d", "2026-10-28T12:00:00Z")]
    [InlineData("2w", "2026-11-13T12:00:00Z")]
    [InlineData("1y", "2025-11-27T12:00:00Z")]
    [InlineData("99999y", "1970-01-01T00:00:00Z")]
    public void Since_is_a_day_or_a_time_before_the_plan(string since, string expected) =>
        Assert.Equal(
            DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
            new SyncJob { Since = since }.CreateOptions(Noon).Since);

    [Fact]
    public void Words_become_options()
    {
        var options = new SyncJob
        {
            To = ["Kid"],
            TwoWay = true,
            Policy = "newest",
            Match = "guid",
            Unwatched = true,
            Ratings = true,
            RetryUnkept = true,
            Quick = true,
            Libraries = ["Movies", "! Home Videos"],
            Types = ["movie", "track", "!track"],
            Shows = ["Show 1"],
            Only = "progress",
            MaxRemovals = 3,
        }.CreateOptions(Noon);

        Assert.Equal(
            (ConflictPolicies.Newest, SyncDirection.TwoWay, MatchMode.Ids, StateKind.Progress, 3),
            (options.Policy, options.Direction, options.Match, options.Only, options.MaxRemovals));
        Assert.True(options is { Unwatched: true, Ratings: true, RetryUnkept: true, Quick: true, Since: null, DryRun: false });
        Assert.Equal(["Movies"], options.Libraries);
        Assert.Equal(["Home Videos"], options.ExcludedLibraries);
        Assert.Equal([MediaType.Movie], options.Types);
        Assert.Equal(["Show 1"], options.Shows);
    }

    [Fact]
    public void Job_without_filters_has_the_defaults()
    {
        var (options, expected) = (new SyncJob { To = ["Kid"] }.CreateOptions(), new SyncOptions());

        Assert.Equal(
            (expected.Policy, expected.Direction, expected.Match, expected.Since, expected.Only, expected.MaxRemovals),
            (options.Policy, options.Direction, options.Match, options.Since, options.Only, options.MaxRemovals));
        Assert.Equal(expected.Types, options.Types);
        Assert.Empty(options.Libraries.Concat(options.ExcludedLibraries).Concat(options.Shows));
    }

    [Fact]
    public void Types_left_out_are_left_out_of_the_default_ones() =>
        Assert.Equal([MediaType.Episode], new SyncJob { Types = ["!movie"] }.CreateOptions().Types);

    [Fact]
    public void Words_that_are_offered_are_taken()
    {
        SyncJob[] jobs =
        [
            .. SyncJob.MatchWords.Select(static word => new SyncJob { To = ["Kid"], Match = word }),
            .. SyncJob.TypeWords.Select(static word => new SyncJob { ToAll = true, Except = ["Teen"], Types = [word] }),
            .. SyncJob.OnlyWords.Select(static word => new SyncJob { Users = ["Ann", "Bob"], Only = word }),
            .. ConflictPolicies.All.Select(static policy => new SyncJob { To = ["Kid", "Teen"], Policy = policy.Name }),
            .. ConflictPolicies.Merging.Select(static policy => new SyncJob { Users = ["Ann", "Bob"], Policy = policy.Name }),
        ];

        Assert.All(jobs, static job => job.Validate(Noon));
    }

    [Fact]
    public void Options_can_be_made_before_anybody_is_named() =>
        Assert.Equal(ConflictPolicies.Fill, new SyncJob { Policy = "fill" }.CreateOptions().Policy);

    private static SyncJob JobOf(string what) => what switch
    {
        "nobody" => new(),
        "to and toAll" => new() { To = ["Kid"], ToAll = true },
        "to and users" => new() { To = ["Kid"], Users = ["Ann", "Bob"] },
        "toAll and users" => new() { ToAll = true, Users = ["Ann", "Bob"] },
        "except without toAll" => new() { To = ["Kid"], Except = ["Teen"] },
        "blank name" => new() { To = ["Kid", " "] },
        "merge of one" => new() { Users = ["Kid"] },
        "merge from" => new() { Users = ["Ann", "Bob"], From = "Ann" },
        "merge in two directions" => new() { Users = ["Ann", "Bob"], TwoWay = true },
        "merge that un-watches" => new() { Users = ["Ann", "Bob"], Unwatched = true },
        "merge by identifiers" => new() { Users = ["Ann", "Bob"], Match = "guid" },
        "merge by mirror" => new() { Users = ["Ann", "Bob"], Policy = "mirror" },
        "unknown policy" => new() { To = ["Kid"], Policy = "latest" },
        "two mirrors" => new() { To = ["Kid"], Policy = "mirror", TwoWay = true },
        "un-watching of several" => new() { To = ["Kid", "Teen"], TwoWay = true, Unwatched = true },
        "un-watching of all" => new() { ToAll = true, TwoWay = true, Unwatched = true },
        "unknown match" => new() { To = ["Kid"], Match = "name" },
        "unknown kind" => new() { To = ["Kid"], Only = "ratings" },
        "unknown type" => new() { To = ["Kid"], Types = ["movie", "film"] },
        "unknown type left out" => new() { To = ["Kid"], Types = ["!film"] },
        "no type left" => new() { To = ["Kid"], Types = ["!movie", "!episode"] },
        "nameless library" => new() { To = ["Kid"], Libraries = ["!"] },
        "negative limit" => new() { To = ["Kid"], MaxRemovals = -1 },
        _ => throw new ArgumentException(what, nameof(what)),
    };
}
