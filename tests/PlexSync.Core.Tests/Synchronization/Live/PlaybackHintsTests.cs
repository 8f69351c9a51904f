using FsCheck;
using FsCheck.Fluent;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>When it is time to look whether somebody has watched something.</summary>
public sealed class PlaybackHintsTests
{
    private static readonly RatingKey Movie = RatingKey.Parse("6");
    private static readonly RatingKey Other = RatingKey.Parse("7");
    private static readonly SessionKey First = SessionKey.Parse("101");

    private readonly PlaybackHints _hints = new();
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void Playing_is_no_hint()
    {
        Play();
        Pass(30);
        Play();
        Pass(30);

        Assert.Empty(Due());
    }

    [Theory]
    [InlineData(PlaybackState.Paused)]
    [InlineData(PlaybackState.Stopped)]
    public void Pause_and_end_are_hints_two_seconds_later(PlaybackState state)
    {
        Play();
        Join(new PlayingSession(First, "1002", Movie));
        Hear(state);

        Pass(1.9);
        Assert.Empty(Due());
        Pass(0.1);
        Assert.Equal([new Hint("1002", Movie, IsPlayed: true)], Due());
        Assert.Empty(Due());
    }

    [Fact]
    public void Playback_that_goes_on_within_two_seconds_was_not_paused()
    {
        Play();
        Hear(PlaybackState.Paused);
        Pass(1);
        Play();
        Pass(10);

        Assert.Empty(Due());
    }

    [Fact]
    public void Long_pause_is_one_hint_however_often_it_is_told()
    {
        Play();
        Hear(PlaybackState.Paused);
        Pass(2);
        Assert.Single(Due());

        for (var times = 0; times < 5; times++)
        {
            Pass(10);
            Hear(PlaybackState.Paused);
        }

        Pass(10);
        Assert.Empty(Due());
    }

    [Fact]
    public void Next_episode_in_a_session_ends_the_one_before()
    {
        Play();
        Hear(PlaybackState.Playing, item: Other);
        Pass(2);

        Assert.Equal([new Hint(null, Movie, IsPlayed: true)], Due());
    }

    [Fact]
    public void End_of_an_unknown_playback_is_a_hint_for_nobody_in_particular()
    {
        Hear(PlaybackState.Stopped);
        Pass(2);

        var hint = Assert.Single(Due());
        Assert.Equal(new Hint(null, Movie), hint);
    }

    [Fact]
    public void Playback_without_a_user_in_the_list_stays_nobodys()
    {
        Play();
        Join();
        Hear(PlaybackState.Stopped);
        Pass(2);

        Assert.Equal([new Hint(null, Movie, IsPlayed: true)], Due());
    }

    [Fact]
    public void Playback_that_falls_silent_and_is_gone_from_the_list_has_ended()
    {
        Play();
        Join(new PlayingSession(First, "1002", Movie));
        Pass(59);
        Assert.False(_hints.NeedsLook(_now));
        Pass(1);
        Assert.True(_hints.NeedsLook(_now));

        Join();
        Pass(2);

        Assert.Equal([new Hint("1002", Movie, IsPlayed: true)], Due());
        Assert.Null(_hints.NextAt);
    }

    [Fact]
    public void Ghost_ends_after_half_an_hour_and_does_not_come_back_by_being_listed()
    {
        var ghost = new PlayingSession(First, "1002", Movie);
        Play();
        Join(ghost);
        for (var minutes = 0; minutes < 29; minutes++)
        {
            Pass(60);
            Join(ghost);
        }

        Assert.Empty(Due());
        Pass(60);
        Join(ghost);
        Pass(2);
        Assert.Single(Due());
        _hints.Join([ghost], isDeaf: true, _now);
        Assert.Null(_hints.NextAt);
    }

    [Fact]
    public void Stream_that_is_lost_ends_every_playback()
    {
        Play();
        Join(new PlayingSession(First, "1002", Movie));
        _hints.Hear(new EventStreamLost(new PlexException(PlexErrorKind.Unreachable, ""), TimeSpan.Zero), _now);
        Pass(2);

        Assert.Equal([new Hint("1002", Movie, IsPlayed: true)], Due());
        Assert.False(_hints.IsPlaying(new UserId(1002), isOwner: false, Movie, isOpen: true));
    }

    [Fact]
    public void Server_that_lists_nothing_leaves_playbacks_to_their_events()
    {
        Play();
        _hints.GiveUpJoin(_now);
        Assert.False(_hints.NeedsLook(_now));
        Hear(PlaybackState.Stopped);
        Pass(2);

        Assert.Equal([new Hint(null, Movie, IsPlayed: true)], Due());
    }

    [Fact]
    public void What_was_written_comes_back_as_no_hint()
    {
        Mark(Movie);
        Hear(PlaybackState.Stopped, session: "900", item: Other);
        _hints.NoteWritten([Movie, Other], user: null, _now);
        Mark(Movie);
        Hear(PlaybackState.Stopped, session: "901", item: Other);
        Pass(9);
        Assert.Empty(Due());

        Pass(1);
        Mark(Movie);
        Pass(2);
        Assert.Equal([new Hint(null, Movie)], Due());
    }

    [Fact]
    public void Known_playback_of_what_was_just_written_is_a_hint_all_the_same()
    {
        Play();
        _hints.NoteWritten([Movie], user: null, _now);
        Hear(PlaybackState.Paused);
        Pass(2);

        Assert.Single(Due());
    }

    [Fact]
    public void What_was_written_is_a_hint_where_it_is_news_to_others()
    {
        _hints.NoteWritten([Movie], user: "1002", _now);
        Pass(2);

        Assert.Equal([new Hint("1002", Movie, IsPlayed: true)], Due());
    }

    [Fact]
    public void Of_playbacks_that_begin_one_after_the_other_it_is_looked_up_every_five_seconds_whose_they_are()
    {
        Hear(PlaybackState.Playing, session: "1");
        Assert.True(_hints.NeedsLook(_now));
        Join();
        Hear(PlaybackState.Playing, session: "2");
        Pass(4.9);
        Assert.False(_hints.NeedsLook(_now));
        Pass(0.1);
        Assert.True(_hints.NeedsLook(_now));
    }

    [Fact]
    public void Paused_playback_is_open_to_its_user_and_no_longer_played()
    {
        Play();
        Join(new PlayingSession(First, "1002", Movie));
        Hear(PlaybackState.Paused);

        Assert.True(_hints.IsPlaying(new UserId(1002), isOwner: false, Movie, isOpen: true));
        Assert.False(_hints.IsPlaying(new UserId(1002), isOwner: false, Movie, isOpen: false));
        Assert.False(_hints.IsPlaying(new UserId(1003), isOwner: false, Movie, isOpen: true));
    }

    [Fact]
    public void Changes_of_items_are_hints_once_a_minute()
    {
        Mark(Movie);
        Pass(2);
        Assert.Single(Due());

        Mark(Movie);
        Mark(Other);
        Pass(57);
        Assert.Empty(Due());
        Pass(3);
        Assert.Equal(2, Due().Count);
    }

    [Fact]
    public void Flood_is_one_hint_for_everything()
    {
        for (var number = 1; number <= 100_000; number++)
        {
            Mark(RatingKey.Parse($"{number}"));
            Hear(PlaybackState.Playing, session: $"{number}", item: RatingKey.Parse($"{number}"));
        }

        Pass(3600);
        var due = Due();
        Assert.InRange(due.Count, 1, 1001);
        Assert.Contains(new Hint(null, Item: null), due);
        Assert.Empty(Due());
    }

    [Fact]
    public void Whatever_is_heard_a_playback_that_ends_is_looked_at_within_seconds()
    {
        var frames = Gen.Elements(Enum.GetValues<PlaybackState>()).Two()
            .SelectMany(static _ => Gen.Choose(0, 4), static (states, seconds) => (State: states.Item1, Seconds: seconds)).ListOf();
        Prop.ForAll(Arb.From(frames), heard =>
        {
            var hints = new PlaybackHints();
            var now = TimeSpan.FromHours(1);
            foreach (var (state, seconds) in heard)
            {
                hints.Hear(new PlaybackEvent(First, Movie, state, null), now);
                now += TimeSpan.FromSeconds(seconds);
                hints.TakeDue(now);
            }

            hints.Hear(new PlaybackEvent(First, Movie, PlaybackState.Playing, null), now);
            hints.TakeDue(now + PlaybackHints.Quiet);
            hints.Hear(new PlaybackEvent(First, Movie, PlaybackState.Stopped, null), now);
            return hints.TakeDue(now + PlaybackHints.Quiet).Contains(new Hint(null, Movie, IsPlayed: true));
        }).Check(Thoroughness.Of(200, 5000));
    }

    private void Play() => Hear(PlaybackState.Playing);

    private void Hear(PlaybackState state, string session = "101", RatingKey? item = null) =>
        _hints.Hear(new PlaybackEvent(SessionKey.Parse(session), item ?? Movie, state, Position: null), _now);

    private void Mark(RatingKey item) => _hints.Hear(new TimelineEvent(item, Library: null, State: 5), _now);

    private void Join(params PlayingSession[] listed) => _hints.Join(listed, isDeaf: false, _now);

    private void Pass(double seconds) => _now += TimeSpan.FromSeconds(seconds);

    private IReadOnlyList<Hint> Due() => _hints.TakeDue(_now);
}
