using System.Net;
using System.Text;
using System.Text.Json;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>Servers by script.</summary>
public sealed class ServersApiTests(PostgresServer postgres)
{
    private static readonly Uri All = new("/api/servers", UriKind.Relative);

    private static readonly Uri Berlin = new("/api/servers/berlin", UriKind.Relative);

    [Fact]
    public async Task Server_is_added_listed_replaced_and_removed()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect(FleetSite.Secret);

        using var added = await PutAsync(
            client,
            $$"""
            {
                "server": "NAS", "token": "{{FleetSite.Token}}", "pins": { "id:1003": "{{FleetSite.Pin}}" },
                "every": "00:30:00", "live": true,
                "jobs": { "kid": { "to": ["Kid"], "maxRemovals": 5 }, "all": { "toAll": true, "from": "Anna" } }
            }
            """);

        Assert.Equal(HttpStatusCode.NoContent, added.StatusCode);
        var secrets = await site.Catalogue.ReadSecretsAsync("berlin", default);
        Assert.Equal((FleetSite.Token, FleetSite.Pin), (secrets.Token, secrets.Pins["id:1003"]));
        var server = (await site.Catalogue.FindAsync("berlin", default))!;
        Assert.Equal(("NAS", TimeSpan.FromMinutes(30), true, false), (server.Server, server.Every, server.IsLive, server.IsConfigured));
        Assert.Equal(["all: Anna → all", "kid: owner → Kid"], server.Jobs.Select(static job => $"{job.Job}"));
        Assert.All(server.Jobs, static job => Assert.Equal("NAS", job.Job.Server));
        Assert.Equal(5, server.Jobs[1].Job.MaxRemovals);

        var text = await client.GetStringAsync(All);
        Assert.DoesNotContain(FleetSite.Token, text, StringComparison.Ordinal);
        Assert.DoesNotContain(FleetSite.Pin, text, StringComparison.Ordinal);
        using var list = JsonDocument.Parse(text);
        var listed = Assert.Single(list.RootElement.EnumerateArray());
        Assert.Equal("berlin", listed.GetProperty("name").GetString());
        Assert.Equal("Kid", listed.GetProperty("jobs").GetProperty("kid").GetProperty("job").GetProperty("to")[0].GetString());
        Assert.False(listed.GetProperty("jobs").GetProperty("kid").GetProperty("paused").GetBoolean());

        using var replaced = await PutAsync(client, """{ "token": "another", "jobs": {} }""");
        Assert.Equal(HttpStatusCode.NoContent, replaced.StatusCode);
        Assert.Empty((await site.Catalogue.FindAsync("berlin", default))!.Jobs);
        using var removed = await client.DeleteAsync(Berlin);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var again = await client.DeleteAsync(Berlin);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Theory]
    [InlineData(
        """{ "token": "SECRET", "polcy": "copy" }""", "'polcy' means nothing; known there are server, token, pins, every, live, jobs.")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": { "to": ["Kid"], "polcy": "mirror" } } }""", "'jobs.kid.polcy' means nothing")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": { "name": "x", "to": ["Kid"] } } }""", "'jobs.kid.name' means nothing")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": { "to": "Kid" } } }""", "'jobs.kid.to' has a value of another kind")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": { "to": null } } }""", "'jobs.kid.to' must not be null")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": { "to": ["Kid"], "TO": ["Anna"] } } }""", "'jobs.kid.TO' is there twice.")]
    [InlineData(
        """{ "token": "SECRET", "server": "NAS", "jobs": { "kid": { "to": ["Kid"], "server": "Other" } } }""",
        "'jobs.kid.server' is another server than 'server'; leave it out.")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": {} } }""", "kid")]
    [InlineData("""{ "token": "SECRET", "jobs": { "kid": { "to": ["Kid"], "policy": "nothing" } } }""", "nothing")]
    [InlineData("""{ "token": "SECRET", "jobs": { "a/b": { "to": ["Kid"] } } }""", "'a/b' cannot be the name")]
    [InlineData("""{ "token": "SECRET", "jobs": [] }""", "'jobs' must be an object.")]
    [InlineData("""{ "token": "SECRET", "every": "00:00:10" }""", "'every' must be a time such as 00:15:00, at least a minute.")]
    [InlineData("""{ "token": "SECRET", "every": 15 }""", "'every' must be a time")]
    [InlineData("""{ "token": "SECRET", "live": "yes" }""", "'live' must be true or false.")]
    [InlineData("""{ "token": "SECRET", "pins": { "Kid": 1234 } }""", "'pins' must have a text for each user.")]
    [InlineData("""{ "jobs": {} }""", "'token' is missing")]
    [InlineData("""{ "token": 5 }""", "'token' must be a text.")]
    [InlineData("""[ "SECRET" ]""", "The body must be an object.")]
    [InlineData("""{ "token": "SECRET" """, "The body is not JSON.")]
    public async Task What_makes_no_sense_is_refused_with_a_sentence(string body, string sentence)
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect(FleetSite.Secret);

        using var answer = await PutAsync(client, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var detail = problem.RootElement.GetProperty("detail").GetString()!;
        Assert.Contains(sentence, detail, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", detail, StringComparison.Ordinal);
        Assert.Empty(await site.Catalogue.ListAsync(default));
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect(FleetSite.Secret);

        using var answer = await PutAsync(client, """{ "tokn": "x", "jobs": { "kid": { "two": ["Kid"] } } }""");

        var text = await answer.Content.ReadAsStringAsync();
        Assert.All(["tokn", "jobs.kid.two", "token"], key => Assert.Contains(key, text, StringComparison.Ordinal));
        Assert.Empty(site.Director.Calls);
    }

    [Fact]
    public async Task Cookie_is_not_enough()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect();
        using var signedIn = await FleetSite.SignInAsync(client);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);

        using var added = await PutAsync(client, """{ "token": "x" }""");

        Assert.Equal(HttpStatusCode.Unauthorized, added.StatusCode);
        Assert.Equal("application/problem+json", added.Content.Headers.ContentType?.MediaType);
        Assert.Equal(0, site.Director.Asked);
    }

    [Fact]
    public async Task Body_of_a_form_is_refused()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect(FleetSite.Secret);
        using var body = new StringContent("""{ "token": "x" }""", Encoding.UTF8, "text/plain");

        using var answer = await client.PutAsync(Berlin, body);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(0, site.Director.Asked);
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PutAsync(Berlin, content);
    }
}
