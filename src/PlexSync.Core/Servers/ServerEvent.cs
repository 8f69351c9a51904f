using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>What a server tells a listener (<see cref="PlexServer.ListenAsync"/>).</summary>
/// <remarks>
/// A hint, never a fact: events are lost, come twice, and come after writes of one's own, too. What an item's state is, only reading it
/// tells.
/// </remarks>
[JsonDerivedType(typeof(EventStreamOpened), "opened")]
[JsonDerivedType(typeof(EventStreamLost), "lost")]
[JsonDerivedType(typeof(PlaybackEvent), "playback")]
[JsonDerivedType(typeof(TimelineEvent), "timeline")]
public abstract record ServerEvent
{
    private protected ServerEvent()
    {
    }
}

/// <summary>Events come from now on. What happened before will not be told.</summary>
public sealed record EventStreamOpened : ServerEvent;

/// <summary>The stream broke, fell silent or could not be opened. It is opened again; what happens meanwhile will not be told.</summary>
/// <param name="Error">What went wrong.</param>
/// <param name="RetryIn">After how long it is opened again.</param>
public sealed record EventStreamLost(PlexException Error, TimeSpan RetryIn) : ServerEvent
{
    /// <summary>What went wrong, without the stack.</summary>
    public override string ToString() => $"{nameof(EventStreamLost)}: {Error.Kind}, again in {RetryIn}";
}

/// <summary>
/// How a playback goes, told when that changes and about every ten seconds. It names no user (plex-facts §14.2).
/// </summary>
/// <param name="Session">Which playback.</param>
/// <param name="Item">What is played. Of a trailer or an extra, some apps send the key of the film.</param>
/// <param name="State">How it goes.</param>
/// <param name="Position">Where in the item; null if the server did not tell. At the end of a playback it may be out of date.</param>
public sealed record PlaybackEvent(SessionKey Session, RatingKey Item, PlaybackState State, TimeSpan? Position) : ServerEvent;

/// <summary>An item was added, changed or removed. Some servers tell this of an item that was marked by hand, too, others do not.</summary>
/// <param name="Item">The item: a movie, a show, a season, an episode, or something else.</param>
/// <param name="Library">Its library; null if the server did not tell.</param>
/// <param name="State">0 created, 1 to 4 in work, 5 done, 9 deleted (plex-facts §8.1).</param>
public sealed record TimelineEvent(RatingKey Item, LibraryKey? Library, int State) : ServerEvent;

/// <summary>How a playback goes.</summary>
[JsonConverter(typeof(WordConverter<PlaybackState>))]
public enum PlaybackState
{
    /// <summary>It is played.</summary>
    Playing,

    /// <summary>It is paused.</summary>
    Paused,

    /// <summary>The player waits for more of it.</summary>
    Buffering,

    /// <summary>It has ended.</summary>
    Stopped,
}
