using System.Globalization;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>Asks whom to copy to, where nobody is named and somebody can answer.</summary>
/// <param name="run">The run.</param>
/// <param name="session">Whose Home is offered.</param>
/// <param name="taken">Who cannot be a target.</param>
/// <param name="isOneOnly">Only one may be chosen.</param>
internal sealed class TargetQuestion(Run run, Session session, HashSet<UserId> taken, bool isOneOnly)
{
    private const int MaxRepetitions = 3;

    public static CliException NobodyNamed() => new(CliException.Usage, "NoTarget", Setting.To.Option, Setting.To.Variable, Setting.To.Key);

    public async Task<List<PlexUser>> AskAsync(PlexUser source, CancellationToken cancellationToken)
    {
        var home = await session.Plex.GetHomeUsersAsync(session.Account, cancellationToken);
        var users = home.Where(user => !taken.Contains(user.Id)).ToList();
        if (users.Count == 0)
        {
            throw NobodyNamed();
        }

        run.Messages.Say(run.Texts.Format("Choose_Question", source.Title));
        for (var i = 0; i < users.Count; i++)
        {
            var isTwice = users.Exists(other => other.Id != users[i].Id && string.Equals(other.Title, users[i].Title, StringComparison.OrdinalIgnoreCase));
            var name = isTwice ? $"{users[i].Title} (id:{users[i].Id})" : users[i].Title;
            run.Messages.Say($"  {run.Texts.Format(users[i].HasPin ? "Choose_UserWithPin" : "Choose_User", i + 1, name)}");
        }

        for (var left = MaxRepetitions; ; left--)
        {
            var answer = await run.Messages.AskLineAsync(run.Texts["Choose_Prompt"], cancellationToken);
            if (string.IsNullOrWhiteSpace(answer))
            {
                throw new CliException(CliException.Usage, "Choose_Nobody", Setting.To.Option);
            }

            try
            {
                return await FindAsync(answer, users, cancellationToken);
            }
            catch (Exception e) when (left > 0 && e is CliException or PlexException
            {
                Kind: PlexErrorKind.UserNotFound or PlexErrorKind.UserAmbiguous or PlexErrorKind.FriendsUnknown,
            })
            {
                run.Messages.Say(Failure.Of(e, run.Texts).Message);
            }
        }
    }

    private async Task<List<PlexUser>> FindAsync(string answer, List<HomeUser> users, CancellationToken cancellationToken)
    {
        var chosen = new List<PlexUser>();
        foreach (var name in Split(answer, users.Count))
        {
            // A number of the list; else a name, as every option takes it.
            var user = NumberOf(name, users.Count) is > 0 and var number
                ? Numbered(name, number, users)
                : await session.FindAsync(name, cancellationToken);
            if (taken.Contains(user.Id))
            {
                throw new CliException(Failure.NameOf(PlexErrorKind.SameUser), "Error_SameUser", user.Title);
            }

            if (!chosen.Exists(other => other.Id == user.Id))
            {
                chosen.Add(user);
            }
        }

        // What one of several has unwatched cannot be told apart from what another has.
        var isOne = isOneOnly || (run.Settings.IsOn(Setting.TwoWay) && run.Settings.IsOn(Setting.Unwatched));
        return chosen.Count == 1 || (chosen.Count > 1 && !isOne) ? chosen : throw new CliException(CliException.Usage, isOne ? "Choose_One" : "Choose_None");
    }

    private static HomeUser Numbered(string typed, int number, List<HomeUser> users)
    {
        var chosen = users[number - 1];
        return users.Find(other => other.Id != chosen.Id && other.Title.Trim() == typed) is { } other
            ? throw new CliException(
                Failure.NameOf(PlexErrorKind.UserAmbiguous), "Choose_Ambiguous", typed, chosen.Id, chosen.Title, other.Id, other.Title)
            : chosen;
    }

    /// <summary>Between commas; numbers also between spaces, which names can contain.</summary>
    private static IEnumerable<string> Split(string answer, int count)
    {
        foreach (var part in answer.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var name in Array.TrueForAll(words, word => NumberOf(word, count) > 0) ? words : [part])
            {
                yield return name;
            }
        }
    }

    private static int NumberOf(string word, int count) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= count ? number : 0;
}
