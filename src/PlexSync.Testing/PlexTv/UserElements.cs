using PlexSync.Testing.Hosting;

namespace PlexSync.Testing.PlexTv;

/// <summary>An account as each endpoint shows it.</summary>
internal static class UserElements
{
    /// <summary>
    /// /api/v2/user and the answer to a switch (plex-facts §3.2, §3.7). The older addresses call the token authenticationToken.
    /// </summary>
    public static Element Account(SimulatedUser user, World world, string token, bool old = false) => new Element("user")
        .Set("id", user.Id).Set("uuid", user.Uuid).Set("username", user.Username ?? "").Set("title", user.Title)
            .Set("email", user.Email ?? "")
        .Set("friendlyName", user.FriendlyName ?? "").Set("thumb", Thumb(user)).Set("hasPassword", !user.IsManaged)
            .Set("protected", user.Pin is not null)
        .Set("authToken", token).Set("authenticationToken", old ? token : null).Set("restricted", user.IsManaged)
        .SetOrNull("restrictionProfile", user.RestrictionProfile)
        .Set("home", user.InHome).Set("homeAdmin", user.IsAdmin).Set("homeSize", user.InHome ? world.Home(user.HomeId).Count : 0)
        .Set("maxHomeSize", 15).Set("guest", user.IsGuest).Set("twoFactorEnabled", false).SetOrNull("rememberExpiresAt", (string?)null)
        .Set("joinedAt", 1_600_000_000).Set("scrobbleTypes", "")
        .One(
            new Element("subscription").Set("active", user.IsAdmin).Set("status", user.IsAdmin ? "Active" : "Inactive")
                .List("features", []))
        .One(new Element("profile").Set("autoSelectAudio", true).Set("defaultAudioLanguage", "en"));

    /// <summary>A member in /api/v2/home/users: a managed user's name and address are null (plex-facts §3.6).</summary>
    public static Element HomeMember(SimulatedUser user) => new Element("user")
        .Set("id", user.Id).Set("uuid", user.Uuid).Set("title", user.Title).SetOrNull("username", user.Username)
            .SetOrNull("email", user.Email)
        .SetOrNull("friendlyName", user.FriendlyName ?? (user.IsManaged ? null : "")).Set("thumb", Thumb(user))
            .Set("hasPassword", !user.IsManaged)
        .Set("restricted", user.IsManaged).SetOrNull("restrictionProfile", user.RestrictionProfile).Set("admin", user.IsAdmin)
        .Set("guest", user.IsGuest).Set("protected", user.Pin is not null).Set("updatedAt", 1_700_000_000);

    /// <summary>The same in the older list, where they are "" (plex-facts §3.6).</summary>
    public static Element OldHomeMember(SimulatedUser user) => new Element("User")
        .Set("id", user.Id).Set("uuid", user.Uuid).Set("admin", user.IsAdmin).Set("guest", user.IsGuest).Set("restricted", user.IsManaged)
        .Set("restrictionProfile", user.RestrictionProfile).Set("protected", user.Pin is not null).Set("hasPassword", !user.IsManaged)
        .Set("title", user.Title).Set("username", user.Username ?? "").Set("email", user.Email ?? "").Set("thumb", Thumb(user));

    /// <summary>/api/users: everybody but oneself; the uuid only within the thumb (plex-facts §3.9).</summary>
    public static Element Friend(SimulatedUser user) => new Element("User")
        .Set("id", user.Id).Set("title", user.Title).Set("username", user.Username ?? "").Set("email", user.Email ?? "")
            .Set("home", user.InHome)
        .Set("restricted", user.IsManaged).Set("protected", user.Pin is not null).Set("thumb", Thumb(user)).Set("allowSync", false)
        .Set("allowCameraUpload", false).Set("filterAll", "").Set("filterMovies", "").Set("filterMusic", "").Set("filterPhotos", "")
            .Set("filterTelevision", "");

    private static string Thumb(SimulatedUser user) => $"https://plex.tv/users/{user.Uuid}/avatar?c=1";
}
