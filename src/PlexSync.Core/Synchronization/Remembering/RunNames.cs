namespace PlexSync;

/// <summary>The runs that were known of some users when something was read of them.</summary>
internal sealed class RunNames
{
    private readonly IRunIndex _index;
    private readonly List<BaselineSide> _users;
    private readonly List<HashSet<string>> _known;

    private RunNames(IRunIndex index, List<BaselineSide> users)
    {
        _index = index;
        _users = users;
        _known = users.ConvertAll(user => index.ListNames(user.Server, user.User, own: null));
    }

    public static RunNames? Read(IJournal? journal, List<BaselineSide> users) =>
        journal is IRunIndex index ? new RunNames(index, users) : null;

    /// <summary>Another run than these has written to one of the users since.</summary>
    public bool HaveChanged(IReadOnlyList<SyncReport> reports)
    {
        var own = reports.Select(static report => report.Run).FirstOrDefault(static run => run is not null);
        for (var at = 0; at < _users.Count; at++)
        {
            if (!_known[at].SetEquals(_index.ListNames(_users[at].Server, _users[at].User, own)))
            {
                return true;
            }
        }

        return false;
    }
}
