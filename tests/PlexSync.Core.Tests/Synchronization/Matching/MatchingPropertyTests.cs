using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;
using static PlexSync.Core.Tests.Synchronization.Matching.TwoLibraries;

namespace PlexSync.Core.Tests.Synchronization.Matching;

/// <summary>What holds for the matching of any two libraries; wherever one numbers a show otherwise, something shows it.</summary>
public sealed class MatchingPropertyTests
{
    [Fact]
    public void Match_is_always_the_same_work() =>
        Check(
            static (libraries, random) =>
                Assert.All(libraries.Match().Matches, match => Assert.Equal(WorkOf(match.Split('=')[0]), WorkOf(match.Split('=')[1]))));

    [Fact]
    public void Order_of_the_lists_makes_no_difference() =>
        Check(static (libraries, random) =>
        {
            var (one, other) = (libraries.Match(), libraries.Shuffled(random).Match());

            Assert.Equal(one.Matches, other.Matches);
            Assert.Equal(one.Doubtful, other.Doubtful);
        });

    [Fact]
    public void Source_and_target_may_change_places_when_neither_has_copies() =>
        Check(static (libraries, random) =>
        {
            var (once, turned) = (libraries.WithoutCopies().Match(), libraries.WithoutCopies().Turned().Match());

            Assert.Equal(
                once.Matches,
                turned.Matches.Select(static match => string.Join('=', match.Split('=').Reverse())).Order(StringComparer.Ordinal));
            Assert.Equal(once.Doubtful, turned.DoubtfulBack);
            Assert.Equal(once.DoubtfulBack, turned.Doubtful);
        });

    [Fact]
    public void Libraries_in_which_all_is_the_same_are_matched_whole() =>
        Check(static (libraries, random) =>
        {
            var copies = libraries.Source.Select(static item => item with { RatingKey = RatingKey.Parse("t" + KeyOf(item)) });
            var same = libraries with { Target = [.. copies], TargetShows = libraries.SourceShows };
            // Numbers that occur twice and shows without an identifier cannot be told.
            var known = libraries.SourceShows.Where(static show => show.ExternalIds.Count > 0).Select(static show => show.RatingKey);
            var certain = libraries.Source
                .Where(item => item.Type == MediaType.Episode && item.SeasonNumber != 0 && known.Contains(item.ShowKey))
                .GroupBy(static item => (item.ShowKey, item.SeasonNumber, item.EpisodeNumber))
                .Where(static group => group.Count() == 1)
                .SelectMany(static group => group);

            Assert.Subset(
                same.Match().Matches.ToHashSet(),
                certain.Select(static item => $"s{KeyOf(item)}=t{KeyOf(item)}").ToHashSet());
        });

    private static void Check(Action<Libraries, Random> property) =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed => property(Libraries.Make(new Random(seed)), new Random(seed))).Check(Thoroughness.Of(300, 20_000));

    /// <summary>
    /// A key is the side, the copy, and the work: <c>s0-3.17</c> is the source's first copy of the 17th episode of the third show.
    /// </summary>
    private static string WorkOf(string key) => key[(key.IndexOf('-', StringComparison.Ordinal) + 1)..];

    /// <summary>Its key but for the side.</summary>
    private static string KeyOf(MediaItem item) => item.RatingKey.ToString()[1..];

    private sealed record Libraries(
        IReadOnlyList<MediaItem> Source,
        IReadOnlyList<MediaItem> SourceShows,
        IReadOnlyList<MediaItem> Target,
        IReadOnlyList<MediaItem> TargetShows)
    {
        public static Libraries Make(Random random)
        {
            List<MediaItem>[] items = [[], []], shows = [[], []];
            for (var movie = 0; movie < 6; movie++)
            {
                for (var copy = random.Next(4); copy > 0; copy--)
                {
                    var side = random.Next(2);
                    items[side].Add(
                        TwoLibraries.Movie(
                            $"{"st"[side]}{copy}-m{movie}",
                            [.. Some(random, $"imdb://tt{movie + 1}", $"tmdb://{movie + 1}", $"plex://movie/{movie}")]));
                }
            }

            for (var number = 0; number < 3; number++)
            {
                var show = new ShowOfTwo(number, random);
                for (var copy = 0; copy < random.Next(1, 3); copy++)
                {
                    show.Render("s", copy, items[0], shows[0]);
                }

                for (var copy = 0; copy < random.Next(1, 3); copy++)
                {
                    show.Render("t", copy, items[1], shows[1]);
                }
            }

            return new Libraries(items[0], shows[0], items[1], shows[1]);
        }

        public TwoLibraries Match() => new(Source, Target, SourceShows, TargetShows, direction: SyncDirection.TwoWay);

        public Libraries Turned() => new(Target, TargetShows, Source, SourceShows);

        public Libraries WithoutCopies() => new(First(Source), First(SourceShows), First(Target), First(TargetShows));

        public Libraries Shuffled(Random random) =>
            new(Shuffle(random, Source), Shuffle(random, SourceShows), Shuffle(random, Target), Shuffle(random, TargetShows));

        private static MediaItem[] First(IReadOnlyList<MediaItem> items) =>
            [.. items.DistinctBy(static item => (item.Type, WorkOf(item.RatingKey.ToString())))];

        private static MediaItem[] Shuffle(Random random, IReadOnlyList<MediaItem> items)
        {
            MediaItem[] shuffled = [.. items];
            random.Shuffle(shuffled);
            return shuffled;
        }
    }

    private enum Evidence
    {
        None,
        Ids,
        Titles,
        Days,
        DailyDays,
    }

    /// <summary>A show of two seasons and some specials, which libraries list in several ways.</summary>
    private sealed class ShowOfTwo(int show, Random random)
    {
        private readonly int _count = random.Next(2, 14);
        private readonly int _specials = random.Next(3);
        private readonly int _seasonLength = random.Next(2, 9);
        private readonly Evidence _evidence = (Evidence)random.Next(5);

        /// <summary>
        /// Which number is which work: as others do, one missing at the front, two exchanged, in the opposite order, or all in one season.
        /// </summary>
        public void Render(string side, int copy, List<MediaItem> items, List<MediaItem> shows)
        {
            var key = $"{side}{copy}-{show}";
            shows.Add(TwoLibraries.Show(key, random.Next(8) == 0 ? [] : [$"tvdb://{show + 1}", .. Some(random, $"imdb://tt{show + 1}")]));
            // Without evidence everybody numbers alike.
            var way = _evidence is Evidence.None ? 0 : random.Next(8);
            var works = Enumerable.Range(0, _count).ToArray();
            if (way == 1)
            {
                works = works[1..];
            }
            else if (way == 2)
            {
                var at = random.Next(1, _count);
                (works[0], works[at]) = (works[at], works[0]);
            }
            else if (way == 3)
            {
                Array.Reverse(works);
            }

            var numbers = works.Select(
                (_, at) => (Season: way == 4 ? 1 : 1 + (at / _seasonLength), Number: 1 + (way == 4 ? at : at % _seasonLength))).ToArray();
            var isForeign = _evidence is not Evidence.Titles && random.Next(2) == 0;
            // One side is whole, and the last work is on both: else two works that only one side each has could have one number, and
            // nothing would tell.
            var missing = side == "s" || _evidence is Evidence.None or Evidence.Ids ? random.Next(3) * 0.15 : 0;
            var ids = _evidence is Evidence.Ids ? 1 : random.NextDouble();
            var days = _evidence is Evidence.Days or Evidence.DailyDays ? 1 : random.NextDouble();
            for (var at = 0; at < works.Length; at++)
            {
                if (works[at] == _count - 1 || random.NextDouble() >= missing)
                {
                    items.Add(Make($"{key}.{works[at]}", works[at], numbers[at].Season, numbers[at].Number));
                    if (random.Next(20) == 0)
                    {
                        items.Add(Make($"{side}{copy + 2}-{show}.{works[at]}", works[at], numbers[at].Season, numbers[at].Number));
                    }
                }
            }

            int[] specials = [.. Enumerable.Range(50, _specials)];
            random.Shuffle(specials);
            for (var at = 0; at < _specials; at++)
            {
                items.Add(Make($"{key}.{specials[at]}", specials[at], 0, at + 1));
            }

            MediaItem Make(string itemKey, int work, int season, int number)
            {
                var title = _evidence is not Evidence.Titles && random.NextDouble() < 0.3
                    ? random.Next(3) switch { 0 => "", 1 => "TBA", _ => $"Folge {number}" }
                    : (isForeign ? "Récit" : "Tale") + new string((char)('a' + (work % 26)), 1 + (work / 26));
                var day = random.NextDouble() >= days ? null
                    : (DateOnly?)new DateOnly(2001, 1, 1).AddDays(_evidence is Evidence.DailyDays ? work : (work * 7) + random.Next(-1, 2));
                var id = (show * 100) + work + 1;
                string[] known = [$"tvdb://{id}", .. Some(random, $"imdb://tt{id}", $"plex://episode/{id}")];
                return Episode(
                    itemKey, $"S{season}E{number}", title, day?.ToString("O", null), random.Next(4) == 0 ? null : 40,
                    $"{side}{copy}-{show}",
                    random.NextDouble() < ids ? known : []);
            }
        }
    }

    private static IEnumerable<string> Some(Random random, params string[] ids) => ids.Where(_ => random.Next(2) == 0);
}
