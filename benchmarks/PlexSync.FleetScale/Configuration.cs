using System.Text.Json.Nodes;

namespace PlexSync.FleetScale;

/// <summary>The servers as a file of configuration.</summary>
internal static class Configuration
{
    /// <returns>The path of the file.</returns>
    public static string Write(string folder, ScaleOptions options)
    {
        var servers = new JsonObject();
        for (var server = 1; server <= options.Servers; server++)
        {
            var jobs = new JsonObject();
            for (var user = 1; user <= options.Jobs; user++)
            {
                jobs[$"kid-{user}"] = new JsonObject { ["To"] = new JsonArray(FakePlex.UserName(user)) };
            }

            servers[$"server-{server:0000}"] = new JsonObject { ["Token"] = FakePlex.OwnerToken(server), ["Jobs"] = jobs };
        }

        var path = Path.Combine(folder, "servers.json");
        File.WriteAllText(path, new JsonObject { ["Fleet"] = new JsonObject { ["Servers"] = servers } }.ToJsonString());
        return path;
    }
}
