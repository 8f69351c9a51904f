using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.MediaServer;

/// <summary>
/// Pages of libraries as they were rendered, until the user's state, the owner's (which others may read, plex-facts §6.5) or the library
/// changes. Use it under the server's gate.
/// </summary>
internal sealed class KeptPages
{
    /// <summary>In bytes; what comes after is rendered each time.</summary>
    private const long MostKept = 1L << 30;

    private readonly Dictionary<(long User, string Question), Answer> _pages = [];
    private readonly Dictionary<long, List<string>> _questions = [];
    private long _kept;

    public Answer GetOrAdd(long userId, SimulatedRequest request, Func<Answer> render)
    {
        var question = string.Join(
            '\n',
            request.Path,
            request.QueryString,
            request.WantsJson,
            request.HeaderOrQuery("X-Plex-Container-Start"),
            request.HeaderOrQuery("X-Plex-Container-Size"));
        if (_pages.TryGetValue((userId, question), out var page)) return page.Copy();
        page = render();
        if (_kept + page.Body.Length > MostKept) return page;
        _kept += page.Body.Length;
        _pages[(userId, question)] = page;
        if (!_questions.TryGetValue(userId, out var questions)) _questions[userId] = questions = [];
        questions.Add(question);
        return page.Copy();
    }

    public void Forget(long userId)
    {
        if (!_questions.Remove(userId, out var questions)) return;
        foreach (var question in questions)
            if (_pages.Remove((userId, question), out var page)) _kept -= page.Body.Length;
    }

    public void Forget()
    {
        _pages.Clear();
        _questions.Clear();
        _kept = 0;
    }
}
