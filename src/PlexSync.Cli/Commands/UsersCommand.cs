using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists whom the account can copy from and to.</summary>
internal sealed class UsersCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(run, cancellationToken);
        var home = await session.Plex.GetHomeUsersAsync(session.Account, cancellationToken);
        var friends = await session.Plex.GetFriendsAsync(session.Account, cancellationToken);
        var users = home.Concat(friends).Prepend(home.FirstOrDefault(user => user.Id == session.Account.User.Id) ?? session.Account.User)
            .DistinctBy(static user => user.Id)
            .Select(user => new UserDocument(user.Id.Value, user.Title, user.Username, KindOf(user, session.Account.User.Id), user is HomeUser { HasPin: true }))
            .ToList();
        run.Names.Replace(NameCache.Users, users.Select(static user => user.Title));

        if (run.IsJson)
        {
            JsonOutput.Write(run.Around.Out, new UsersDocument(users), JsonContext.Default.UsersDocument);
        }
        else
        {
            run.Screen.WriteTable(
                [run.Texts["Column_Name"], run.Texts["Column_Id"], run.Texts["Column_Kind"], run.Texts["Column_Pin"]],
                users.ConvertAll(user => new[] { user.Title, $"{user.Id}", run.Texts[$"Kind_{user.Kind}"], run.Texts[user.Pin ? "Yes" : "No"] }));
        }

        return ExitCode.Done;
    }

    private static string KindOf(PlexUser user, UserId owner) =>
        user.Id == owner ? "owner"
        : user is not HomeUser member ? "friend"
        : member.IsManaged ? "managed" : "home";
}
