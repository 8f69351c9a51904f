using System.Globalization;
using static PlexSync.Core.Tests.Synchronization.Matching.TwoLibraries;

namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>Episodes without identifiers in common: matched by number only where nothing shows that the numbers differ.</summary>
public sealed class EpisodeMatcherTests
{
    private static readonly string[] Firefly = ["The Train Job", "Bushwhacked", "Shindig", "Safe", "Our Mrs. Reynolds"];
    private static readonly string[] French = ["L’Attaque du train", "Pillards", "Le Bal", "Sain et sauf", "Une femme parfaite"];
    private static readonly string[] Days = ["2002-09-20", "2002-09-27", "2002-11-01", "2002-11-08", "2002-10-04"];
    private static readonly int[] DvdOrder = [1, 2, 0, 4, 3];

    [Fact]
    public void Episodes_of_equal_numbers_are_the_same_when_titles_agree() =>
        AssertAllMatched(new(Season("s", Firefly), Season("t", Firefly)));

    [Fact]
    public void Episodes_of_equal_numbers_are_the_same_when_one_server_is_in_another_language() =>
        AssertAllMatched(new(Season("s", Firefly), Season("t", French)));

    [Fact]
    public void Episodes_of_equal_numbers_are_the_same_when_the_days_agree_and_the_language_does_not() =>
        AssertAllMatched(new(Dated(Season("s", Firefly), Days), Dated(Season("t", French), Days)));

    [Fact]
    public void Show_is_refused_when_titles_stand_under_other_numbers() =>
        AssertAllDoubtful(new(Season("s", Firefly), Season("t", [.. DvdOrder.Select(at => Firefly[at])])));

    [Fact]
    public void Show_is_refused_when_titles_in_other_capitals_and_unicode_forms_stand_under_other_numbers() =>
        AssertAllDoubtful(new(
            Season("s", "Élodie", "L’été", "Noël", "Pâques", "Août"),
            Season("t", "L'E\u0301TE\u0301", "NOËL", "E\u0301lodie", "ao\u00FBt", "pa\u0302ques")));

    [Fact]
    public void Show_is_refused_when_one_title_stands_under_another_number() =>
        AssertAllDoubtful(new(Season("s", "A", "B", "C", "D", "E"), Season("t", "1", "C", "3", "4", "5")));

    [Fact]
    public void Show_is_refused_when_days_stand_under_other_numbers_and_the_languages_differ() =>
        AssertAllDoubtful(
            new(
                Dated(Season("s", Firefly), Days),
                Dated(Season("t", [.. DvdOrder.Select(at => French[at])]), [.. DvdOrder.Select(at => Days[at])])));

    [Fact]
    public void Show_is_refused_when_days_stand_under_other_numbers_and_there_are_no_titles() =>
        AssertAllDoubtful(
            new(Dated(Season("s", new string?[5]), Days), Dated(Season("t", new string?[5]), [.. DvdOrder.Select(at => Days[at])])));

    [Fact]
    public void Show_is_refused_when_one_identified_episode_is_all_that_agrees_and_the_numbers_differ()
    {
        var source = Season("s", Firefly);
        var target = Season("t", French);
        (source[0], target[0]) = (source[0] with { ExternalIds = ["tvdb://1"] }, target[0] with { ExternalIds = ["tvdb://1"] });
        target.RemoveAt(4);

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t1"], libraries.Matches);
        Assert.Equal(["s2", "s3", "s4"], libraries.Doubtful);
        Assert.Equal(["s5"], libraries.Missing);
    }

    [Fact]
    public void Identified_episode_does_not_outweigh_titles_under_other_numbers()
    {
        var source = Season("s", Firefly);
        var target = Season("t", [.. DvdOrder.Select(at => Firefly[at])]);
        (source[0], target[0]) = (source[0] with { ExternalIds = ["tvdb://1"] }, target[0] with { ExternalIds = ["tvdb://1"], Title = "" });

        Assert.Equal(["s1=t1"], new TwoLibraries(source, target).Matches);
    }

    [Fact]
    public void Episode_without_identifiers_follows_those_that_have_them_when_the_other_side_lacks_one()
    {
        var source = Identified(Season("s", Firefly), 0, 1, 2, 4);
        var target = Identified(Season("t", French), 0, 1, 2, 4);
        source.Add(Episode("s6", "S1E6"));

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3", "s4=t4", "s5=t5"], new TwoLibraries(source, target).Matches);
    }

    [Fact]
    public void Last_episode_of_a_season_does_not_follow_when_the_other_side_has_more_episodes()
    {
        // A double episode after the last that agrees would have moved it.
        var source = Identified(Season("s", Firefly), 0, 1, 2, 3);
        var target = Identified(Season("t", French), 0, 1, 2, 3);
        target.Add(Episode("t6", "S1E6"));

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3", "s4=t4"], libraries.Matches);
        Assert.Equal(["s5"], libraries.Doubtful);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3, false)]
    public void Two_thirds_of_a_season_have_to_agree_when_the_other_side_has_other_numbers(int agreeing, bool isMatched)
    {
        int[] known = [.. Enumerable.Range(6 - agreeing, agreeing)];
        var source = Identified(Season("s", "A", "B", "C", "D", "E", "F"), known);
        var target = Identified(Season("t", "U", "V", "W", "X", "Y", "Z"), known);
        target.Add(Episode("t7", "S2E1"));

        Assert.Equal(isMatched ? 6 : agreeing, new TwoLibraries(source, target).Matches.Count);
    }

    [Fact]
    public void Doubtful_episodes_count_against_those_of_their_season_that_agree()
    {
        var source = Identified(Season("s", "A", "B", "C", "D", "E", "F"), 2, 3, 4, 5);
        var target = Identified(Season("t", "U", "V", "W", "X", "Y", "Z"), 2, 3, 4, 5);
        (source[0], target[0]) = (
            source[0] with { Duration = TimeSpan.FromMinutes(90) }, target[0] with { Duration = TimeSpan.FromMinutes(45) });
        target.Add(Episode("t7", "S2E1"));

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(4, libraries.Matches.Count);
        Assert.Equal(["s1", "s2"], libraries.Doubtful);
    }

    [Fact]
    public void Seasons_are_judged_one_by_one()
    {
        List<MediaItem> source = [.. Identified(Season("s", "A", "B", "C", "D"), 0, 1, 2, 3), Episode("s5", "S2E1"), Episode("s6", "S2E2")];
        List<MediaItem> target =
        [
            .. Identified(Season("t", "U", "V", "W", "X"), 0, 1, 2, 3), Episode("t5", "S2E1"), Episode("t6", "S2E2"),
            Episode("t7", "S2E3"),
        ];

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(4, libraries.Matches.Count);
        Assert.Equal(["s5", "s6"], libraries.Doubtful);
    }

    [Fact]
    public void Numbers_that_differ_are_not_trusted_without_any_evidence()
    {
        var libraries = new TwoLibraries(Season("s", Firefly), Season("t", French[..4]));

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1", "s2", "s3", "s4"], libraries.Doubtful);
        Assert.Equal(["s5"], libraries.Missing);
    }

    [Fact]
    public void Titles_support_their_own_episodes_when_the_numbers_differ() =>
        Assert.Equal(
            ["s1=t1", "s2=t2"],
            new TwoLibraries(Season("s", "Pizza", "Taxi", "Rain", "Snow", "Fog"), Season("t", "Pizza", "Taxi", "Pluie", "Neige")).Matches);

    [Fact]
    public void Days_support_their_own_episodes_when_the_numbers_differ() =>
        Assert.Equal(
            ["s1=t1", "s2=t2", "s3=t3", "s4=t4"],
            new TwoLibraries(Dated(Season("s", Firefly), Days), Dated(Season("t", French[..4]), Days)).Matches);

    [Fact]
    public void Another_title_is_no_translation_where_the_other_titles_are_the_same()
    {
        // Each side lacks the episode that has the other's number.
        var libraries = new TwoLibraries(Season("s", "A", "B", "C", "D"), Season("t", "A", "B", "C", "F"));

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3"], libraries.Matches);
        Assert.Equal(["s4"], libraries.Doubtful);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S1E9")]
    public void Episodes_that_no_number_tells_apart_do_not_make_other_titles_translations(string number)
    {
        var source = Season("s", "A", "B", "C", "D")
            .Concat(Enumerable.Range(5, 4).Select(at => Episode($"s{at}", number, $"News {(char)('A' + at)}")));
        var target = Season("t", "A", "B", "C", "F")
            .Concat(Enumerable.Range(5, 4).Select(at => Episode($"t{at}", number, $"News {(char)('A' + at)}")));

        Assert.DoesNotContain("s4=t4", new TwoLibraries(source, target).Matches);
    }

    [Fact]
    public void Thousands_of_episodes_without_a_number_are_not_compared_with_each_other()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Empty(new TwoLibraries(Unnumbered("s"), Unnumbered("t")).Matches);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);

        static IEnumerable<MediaItem> Unnumbered(string prefix) =>
            Enumerable.Range(1, 3000).Select(at => Episode($"{prefix}{at}", "", $"News of {at}"));
    }

    [Fact]
    public void Another_title_is_a_translation_where_the_day_is_the_same() =>
        AssertAllMatched(new(Dated(Season("s", "A", "B", "C", "D"), Days), Dated(Season("t", "A", "B", "C", "F"), Days)));

    [Fact]
    public void Other_titles_are_translations_where_as_many_differ_as_are_the_same() =>
        AssertAllMatched(new(Season("s", "A", "B", "C", "D"), Season("t", "A", "B", "X", "Y")));

    [Fact]
    public void Identified_episodes_may_have_other_days_titles_and_lengths()
    {
        var source = Dated(Identified(Season("s", "A", "B", "C", "D"), 0), "2002-09-20", null, null, null);
        var target = Dated(Identified(Season("t", "X", "B", "C", "D"), 0), "2003-09-20", null, null, null);
        target[0] = target[0] with { Duration = TimeSpan.FromMinutes(90) };
        source[0] = source[0] with { Duration = TimeSpan.FromMinutes(45) };

        AssertAllMatched(new(source, target));
    }

    [Fact]
    public void Day_on_which_a_whole_season_appeared_supports_nothing()
    {
        var day = Enumerable.Repeat("2020-01-01", 5).ToArray();

        Assert.Empty(new TwoLibraries(Dated(Season("s", Firefly), day), Dated(Season("t", French[..4]), day)).Matches);
    }

    [Fact]
    public void Title_of_several_episodes_supports_nothing() =>
        Assert.Empty(new TwoLibraries(Season("s", "Home", "Home", "X"), Season("t", "Home", "Home")).Matches);

    [Fact]
    public void Days_may_differ_by_three() =>
        AssertAllMatched(
            new(
                Dated(Season("s", Firefly), Days),
                Dated(Season("t", French), "2002-09-23", "2002-09-30", "2002-11-04", "2002-11-11", "2002-10-07")));

    [Fact]
    public void Show_without_other_evidence_is_refused_when_one_pair_of_days_differs_by_more() =>
        AssertAllDoubtful(new(Dated(Season("s", Firefly), Days), Dated(Season("t", new string?[5]), null, "2002-10-01", null, null, null)));

    [Fact]
    public void Only_the_pair_whose_days_differ_is_refused_when_the_rest_agrees()
    {
        var source = Identified(Season("s", Firefly), 0, 2, 3, 4);
        var target = Identified(Season("t", French), 0, 2, 3, 4);
        (source[1], target[1]) = (
            source[1] with { OriginallyAvailableAt = new(2002, 9, 27) }, target[1] with { OriginallyAvailableAt = new(2002, 10, 12) });

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(4, libraries.Matches.Count);
        Assert.Equal(["s2"], libraries.Doubtful);
    }

    [Fact]
    public void Day_of_a_pair_outweighs_its_title()
    {
        var source = Dated(Season("s", Firefly), Days);
        var target = Dated(Season("t", Firefly), [.. Days[..4], "2003-10-04"]);

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3", "s4=t4"], libraries.Matches);
        Assert.Equal(["s5"], libraries.Doubtful);
    }

    [Theory]
    [InlineData(64, 40, true)]
    [InlineData(40, 64, true)]
    [InlineData(65, 40, false)]
    [InlineData(40, 65, false)]
    public void Lengths_may_differ_by_advertisements_and_not_by_half_a_double_episode(int mine, int theirs, bool isMatched)
    {
        var libraries = new TwoLibraries(
            [Episode("s1", "S1E1", minutes: mine), Episode("s2", "S1E2", minutes: 40)],
            [Episode("t1", "S1E1", minutes: theirs), Episode("t2", "S1E2", minutes: 40)]);

        Assert.Equal(isMatched ? 2 : 0, libraries.Matches.Count);
    }

    [Theory]
    [InlineData("Episode 1", "Épisode 2", "Folge 3")]
    [InlineData("TBA", "TBA", "")]
    [InlineData("Jakso 1", "Dil 2", "Bölüm 3")]
    [InlineData("S01E01", "1.2", "#3")]
    [InlineData("第1話", "제 2 화", "Серия 3")]
    public void Titles_that_say_nothing_do_not_refuse(string first, string second, string third)
    {
        AssertAllMatched(new(Season("s", first, second, third), Season("t", "A", "B", "C")));
        AssertAllMatched(new(Season("s", first, second, third), Season("t", third, "", first)));
    }

    [Fact]
    public void Titles_that_say_nothing_support_nothing() =>
        Assert.Empty(
            new TwoLibraries(
                Season("s", "Episode 1", "Épisode 2", "Jakso 3", "TBA", "5"),
                Season("t", "Episode 1", "Épisode 2", "Jakso 3", "TBA")).Matches);

    [Fact]
    public void Number_in_a_title_of_its_own_tells_episodes_apart() =>
        AssertAllDoubtful(new(Season("s", "Apollo 13", "Area 51", "Catch-22"), Season("t", "Area 51", "Catch-22", "Apollo 13")));

    [Fact]
    public void Show_is_refused_when_one_side_lacks_the_first_episode_and_counts_from_the_second() =>
        AssertAllDoubtful(new(Season("s", "A", "B", "C", "D"), Season("t", "B", "C", "D", "F")));

    [Fact]
    public void Show_is_refused_when_one_side_lacks_the_first_episode_of_a_daily_show() =>
        AssertAllDoubtful(new(
            Dated(Season("s", new string?[4]), "2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07"),
            Dated(Season("t", new string?[4]), "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08")));

    [Fact]
    public void Show_is_refused_when_one_side_counts_through_the_seasons()
    {
        List<MediaItem> source =
        [
            .. Season("s", "A", "B", "C"), Episode("s4", "S2E1", "D"), Episode("s5", "S2E2", "E"), Episode("s6", "S2E3", "F"),
        ];

        var libraries = new TwoLibraries(source, Season("t", "A", "B", "C", "D", "E", "F"));

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1", "s2", "s3", "s4", "s5", "s6"], libraries.Doubtful);
    }

    [Fact]
    public void Show_is_refused_when_the_pilot_is_one_episode_here_and_two_there() =>
        Assert.Empty(new TwoLibraries(
            [Episode("s1", "S1E1", minutes: 90), Episode("s2", "S1E2", minutes: 45), Episode("s3", "S1E3", minutes: 45)],
            [Episode("t1", "S1E1", minutes: 45), Episode("t2", "S1E2", minutes: 45), Episode("t3", "S1E3", minutes: 45)]).Matches);

    [Fact]
    public void Title_that_stands_under_no_number_on_the_other_side_refuses_the_show() =>
        AssertAllDoubtful(new(Season("s", "A", "B"), [.. Season("t", "U", "V"), Episode("t3", "", "B")]));

    [Fact]
    public void Title_that_is_missing_on_the_other_side_refuses_nothing()
    {
        List<MediaItem> source = [.. Season("s", "Home", "B", "C"), Episode("s4", "S2E1", "Home")];

        Assert.Equal(["s2=t2", "s3=t3"], new TwoLibraries(source, Season("t", "Home", "B", "C")).Matches.Except(["s1=t1"]));
    }

    [Fact]
    public void Episodes_without_a_number_are_not_matched()
    {
        var libraries = new TwoLibraries([Episode("s1", "", "News", "2024-03-05")], [Episode("t1", "", "News", "2024-03-05")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1"], libraries.Missing);
    }

    [Fact]
    public void Specials_are_matched_only_when_each_is_shown_to_be_the_same()
    {
        List<MediaItem> source =
        [
            .. Season("s", Firefly), Episode("s6", "S0E1", "Gag reel"), Episode("s7", "S0E2", "Making of"), Episode("s8", "S0E3", "Tour"),
        ];
        List<MediaItem> target =
        [
            .. Season("t", Firefly), Episode("t6", "S0E1", "Gag reel"), Episode("t7", "S0E2", "Coulisses"),
            Episode("t8", "S0E3", "Interview"),
        ];

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3", "s4=t4", "s5=t5", "s6=t6"], libraries.Matches);
        Assert.Equal(["s7", "s8"], libraries.Doubtful);
    }

    [Fact]
    public void Specials_in_another_order_are_no_reason_to_doubt_the_seasons()
    {
        List<MediaItem> source = [.. Season("s", Firefly), Episode("s6", "S0E1", "Gag reel"), Episode("s7", "S0E2", "Making of")];
        List<MediaItem> target = [.. Season("t", Firefly), Episode("t6", "S0E1", "Making of"), Episode("t7", "S0E2", "Gag reel")];

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3", "s4=t4", "s5=t5"], libraries.Matches);
        Assert.Equal(["s6", "s7"], libraries.Doubtful);
    }

    [Fact]
    public void Specials_in_another_order_take_away_the_trust_in_equal_numbers()
    {
        List<MediaItem> source = [.. Season("s", Firefly), Episode("s6", "S0E1", "Gag reel"), Episode("s7", "S0E2", "Making of")];
        List<MediaItem> target = [.. Season("t", French), Episode("t6", "S0E1", "Making of"), Episode("t7", "S0E2", "Gag reel")];

        Assert.Empty(new TwoLibraries(source, target).Matches);
    }

    [Fact]
    public void Special_on_one_side_that_is_an_episode_on_the_other_refuses_the_show() =>
        AssertAllDoubtful(
            new(
                [Episode("s1", "S0E1", "Pilot"), Episode("s2", "S1E1", "B")],
                [Episode("t1", "S1E1", "Pilot"), Episode("t2", "S0E1", "U")]));

    [Fact]
    public void Show_is_refused_when_identifiers_show_another_number()
    {
        var source = Identified(Season("s", Firefly), 0);
        var target = Season("t", French);
        target[1] = target[1] with { ExternalIds = ["tvdb://100"] };

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t2"], libraries.Matches);
        Assert.Equal(["s2", "s3", "s4", "s5"], libraries.Doubtful);
    }

    [Fact]
    public void Show_is_refused_when_an_identified_episode_has_a_second_copy_under_another_number()
    {
        var source = Identified(Season("s", Firefly), 0);
        var target = Identified(Season("t", French), 0);
        target[4] = target[4] with { PlexGuid = "plex://episode/1" };
        source[0] = source[0] with { PlexGuid = "plex://episode/1" };

        Assert.DoesNotContain("s2=t2", new TwoLibraries(source, target).Matches);
    }

    [Fact]
    public void Show_is_refused_when_a_catalogue_tells_two_of_one_number_apart()
    {
        var source = Identified(Season("s", Firefly), 0);
        var target = Season("t", French);
        target[0] = target[0] with { ExternalIds = ["tvdb://999"] };

        Assert.Empty(new TwoLibraries(source, target).Matches);
    }

    [Fact]
    public void Show_is_refused_when_a_catalogue_has_episodes_of_both_and_none_is_the_same()
    {
        var source = Identified(Season("s", Firefly), 0, 1);
        var target = Identified(Season("t", French), 3, 4);

        var libraries = new TwoLibraries(source, target);

        Assert.Empty(libraries.Matches);
        Assert.Equal(["s1", "s2", "s3", "s4", "s5"], libraries.Doubtful);
    }

    [Fact]
    public void Show_is_trusted_when_no_catalogue_has_episodes_of_both()
    {
        var source = Identified(Season("s", Firefly), 0, 1);
        var target = Season("t", French);
        target[3] = target[3] with { ExternalIds = ["imdb://tt77"] };

        AssertAllMatched(new(source, target));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_episodes_of_one_number_are_left_in_doubt(bool isSource)
    {
        var (source, target) = (Season("s", Firefly), Season("t", Firefly));
        (isSource ? source : target).Add(Episode("x", "S1E2", ""));

        var libraries = new TwoLibraries(source, target);

        Assert.Equal(["s1=t1", "s3=t3", "s4=t4", "s5=t5"], libraries.Matches);
        Assert.Equal(isSource ? ["s2", "x"] : ["s2"], libraries.Doubtful);
    }

    [Fact]
    public void Nothing_is_matched_by_number_when_the_shows_are_not_the_same()
    {
        var libraries = new TwoLibraries(
            Season("s", Firefly), Season("t", Firefly), [Show("show", "tvdb://1")], [Show("show", "tvdb://2")]);

        Assert.Empty(libraries.Matches);
        Assert.Equal(5, libraries.Missing.Count);
    }

    [Fact]
    public void Nothing_is_matched_by_number_when_the_ids_of_the_show_contradict_each_other()
    {
        var libraries = new TwoLibraries(
            Season("s", Firefly), Season("t", Firefly), [Show("show", "tvdb://1", "imdb://tt1")], [Show("show", "tvdb://1", "imdb://tt2")]);

        Assert.Empty(libraries.Matches);
    }

    [Fact]
    public void Copies_of_a_show_are_matched_with_one_episode_when_they_agree()
    {
        List<MediaItem> source =
        [
            .. Season("s", Firefly), .. Season("x", Firefly).Select(static episode => episode with { ShowKey = RatingKey.Parse("copy") }),
        ];

        var libraries = new TwoLibraries(source, Season("t", Firefly), [Show("show", "tvdb://1"), Show("copy", "tvdb://1")]);

        Assert.Equal(10, libraries.Matches.Count);
        Assert.Contains("x3=t3", libraries.Matches);
    }

    [Fact]
    public void Copies_of_a_show_that_a_catalogue_tells_apart_are_both_left_in_doubt()
    {
        List<MediaItem> source =
        [
            Episode("s1", "S1E1", "A", ids: "imdb://tt1"), Episode("s2", "S1E2", "B"),
            Episode("x1", "S1E1", "A", show: "copy", ids: "imdb://tt2"), Episode("x2", "S1E2", "B", show: "copy"),
        ];

        foreach (var list in new[] { source, [.. Enumerable.Reverse(source)] })
        {
            var libraries = new TwoLibraries(list, Season("t", "A", "B"), [Show("show", "tvdb://1"), Show("copy", "tvdb://1")]);

            Assert.Equal(["s2=t2", "x2=t2"], libraries.Matches);
            Assert.Equal(["s1", "x1"], libraries.Doubtful);
        }
    }

    [Fact]
    public void Episodes_of_the_target_are_left_in_doubt_too_when_both_may_change() =>
        Assert.Equal(
            ["t1", "t2", "t3"],
            new TwoLibraries(Season("s", "A", "B", "C"), Season("t", "B", "C", "A"), direction: SyncDirection.TwoWay).DoubtfulBack);

    [Fact]
    public void Copies_on_one_server_are_matched_by_number_when_the_agent_of_one_gave_no_ids()
    {
        var copies = Season("t", Firefly).Select(static episode => episode with { ShowKey = RatingKey.Parse("copy") });

        var libraries = new TwoLibraries(Season("s", Firefly), copies, [Show("show", "tvdb://1")], sameServer: true);

        Assert.Equal(["s1=t1", "s2=t2", "s3=t3", "s4=t4", "s5=t5"], libraries.Matches);
    }

    [Fact]
    public void Copies_on_one_server_are_not_matched_by_number_when_plex_tells_them_apart()
    {
        var source = Season("s", Firefly).Select((episode, at) => episode with { PlexGuid = $"plex://episode/a{at}" });
        var target = Season("t", Firefly).Select(
            (episode, at) => episode with { PlexGuid = $"plex://episode/b{at}", ShowKey = RatingKey.Parse("copy") });

        Assert.Empty(new TwoLibraries(source, target, sameServer: true).Matches);
    }

    private static void AssertAllMatched(TwoLibraries libraries)
    {
        Assert.Empty(libraries.Doubtful);
        Assert.Empty(libraries.Missing);
        Assert.All(libraries.Matches, match => Assert.Equal(match.Split('=')[0][1..], match.Split('=')[1][1..]));
        Assert.NotEmpty(libraries.Matches);
    }

    private static void AssertAllDoubtful(TwoLibraries libraries)
    {
        Assert.Empty(libraries.Matches);
        Assert.Empty(libraries.Missing);
        Assert.NotEmpty(libraries.Doubtful);
    }

    private static List<MediaItem> Dated(List<MediaItem> season, params string?[] days) =>
        [.. season.Select((episode, at) => episode with { OriginallyAvailableAt = DayOf(days[at]) })];

    private static DateOnly? DayOf(string? day) => day is null ? null : DateOnly.Parse(day, CultureInfo.InvariantCulture);

    /// <summary>Those at these places have ids, the same on both sides.</summary>
    private static List<MediaItem> Identified(List<MediaItem> season, params int[] places) =>
        [.. season.Select((episode, at) => places.Contains(at) ? episode with { ExternalIds = [$"tvdb://{100 + at}"] } : episode)];
}
