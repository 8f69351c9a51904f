using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace PlexSync.Fleet.Tests.Pages;

/// <summary>Nobody sees or does anything without the secret, or the word of the reverse proxy.</summary>
public sealed class ProtectionTests(PostgresServer postgres)
{
    private const string ProxySecret = "proxy-horse-battery";

    private static readonly string[] Open = ["/login", "/style.css", "/health/live", "/health/ready"];

    [Fact]
    public async Task No_route_answers_or_does_anything_without_the_secret()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var run = await site.AddRunAsync("berlin", Plans.Of("Alien"));
        var order = await site.AddPlannedAsync("berlin", "kid", Plans.Of("Alien"));
        using var client = site.Connect();
        var asked = 0;

        foreach (var endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{server}", "berlin", StringComparison.Ordinal)
                .Replace("{run}", $"{run}", StringComparison.Ordinal).Replace("{order:long}", $"{order}", StringComparison.Ordinal)
                .Replace("{name}", "berlin", StringComparison.Ordinal);
            Assert.DoesNotContain('{', path);
            if (Open.Contains(path))
            {
                continue;
            }

            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"];
            foreach (var method in methods.Count == 0 ? ["GET", "POST"] : methods)
            {
                foreach (var query in new[] { "", "?handler=Run", "?handler=Apply" })
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), path + query);
                    using var answer = await client.SendAsync(request);
                    Assert.True(
                        answer.StatusCode is HttpStatusCode.Unauthorized
                        || (answer.StatusCode is HttpStatusCode.Redirect && answer.Headers.Location!.AbsolutePath == "/login"),
                        $"{method} {path} answers {answer.StatusCode}.");
                    Assert.DoesNotContain("berlin", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                    asked++;
                }
            }
        }

        Assert.True(asked > 20, $"Only {asked} requests were sent.");
        Assert.Equal(0, site.Director.Asked);
    }

    [Fact]
    public async Task Everything_that_is_open_is_known_here()
    {
        await using var site = await FleetSite.StartAsync(postgres);

        var open = site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Authorization.IAllowAnonymous>() is not null)
            .Select(static endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'));

        Assert.Equal(Open.Order(), open.Distinct().Order());
    }

    [Fact]
    public async Task Unknown_address_is_not_told_from_a_known_one_without_the_secret()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect();

        using var answer = await client.GetAsync(new Uri("/nothing", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task Form_without_its_token_is_refused()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var order = await site.AddPlannedAsync("berlin", "kid", Plans.Of("Alien"));
        using var client = site.Connect();
        using var signedIn = await FleetSite.SignInAsync(client);
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);

        foreach (var action in new[]
        {
            "/servers/berlin?handler=Run", "/servers/berlin?handler=Plan", "/servers/berlin?handler=Pause",
            "/servers/berlin?handler=Resume", "/servers/berlin?handler=Undo", $"/orders/{order}?handler=Apply",
            $"/orders/{order}?handler=Discard", "/logout", "/login",
        })
        {
            using var form = new FormUrlEncodedContent(
                [KeyValuePair.Create("job", "kid"), KeyValuePair.Create("secret", FleetSite.Secret)]);
            using var answer = await client.PostAsync(new Uri(action, UriKind.Relative), form);
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, $"{action} answers {answer.StatusCode}.");
        }

        Assert.Empty(site.Director.Calls);
        // With the token the same is done.
        using var done = await FleetSite.SendFormAsync(client, "/servers/berlin", "/servers/berlin?handler=Run", ("job", "kid"));
        Assert.Equal(["run berlin kid"], site.Director.Calls);
    }

    [Theory]
    [InlineData("/servers/berlin?handler=Run", "job", "nothing")]
    [InlineData("/servers/berlin?handler=Undo", "run", "2026-07-01T22-30-00Z-ab12")]
    public async Task What_is_not_there_is_not_done(string action, string field, string value)
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        using var client = site.Connect();
        using var signedIn = await FleetSite.SignInAsync(client);

        using var answer = await FleetSite.SendFormAsync(client, "/servers/berlin", action, (field, value));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(site.Director.Calls);
    }

    [Theory]
    [InlineData("fleet.example", HttpStatusCode.Redirect)]
    [InlineData("fleet.example:8443", HttpStatusCode.Redirect)]
    [InlineData("localhost", HttpStatusCode.Redirect)]
    [InlineData("[::1]:80", HttpStatusCode.Redirect)]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("fleet.example.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("192.168.1.1", HttpStatusCode.BadRequest)]
    public async Task Only_known_hosts_are_answered(string host, HttpStatusCode status)
    {
        await using var site = await FleetSite.StartAsync(postgres, static options => options.Hosts.Add("fleet.example"));
        using var client = site.Connect();
        client.DefaultRequestHeaders.Host = host;

        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("*", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("", false)]
    [InlineData("*.example", true)]
    [InlineData("fleet.example", true)]
    public void Host_that_stands_for_all_is_refused(string host, bool isAllowed)
    {
        var options = new FleetOptions { Secret = FleetSite.Secret, Database = "Host=db" };
        options.Hosts.Add(host);

        Assert.Equal(isAllowed, new FleetOptionsCheck().Validate(name: null, options).Succeeded);
    }

    [Theory]
    [InlineData("127.0.0.1", ProxySecret, "anna", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "proxy-horse-batterz", "anna", HttpStatusCode.Redirect)]
    [InlineData("127.0.0.1", "", "anna", HttpStatusCode.Redirect)]
    [InlineData("127.0.0.1", null, "anna", HttpStatusCode.Redirect)]
    [InlineData("127.0.0.1", ProxySecret, "", HttpStatusCode.Redirect)]
    [InlineData("127.0.0.1", ProxySecret, " ", HttpStatusCode.Redirect)]
    [InlineData("127.0.0.1", ProxySecret, null, HttpStatusCode.Redirect)]
    [InlineData("127.0.0.2", ProxySecret, "anna", HttpStatusCode.Redirect)]
    [InlineData(null, ProxySecret, "anna", HttpStatusCode.Redirect)]
    [InlineData(null, "", "anna", HttpStatusCode.Redirect)]
    public async Task Headers_count_only_from_the_proxy_and_with_its_secret(
        string? proxy, string? secret, string? user, HttpStatusCode status)
    {
        await using var site = await FleetSite.StartAsync(postgres, options => Behind(options, proxy));
        using var client = site.Connect();
        Add(client, "X-Fleet-Proxy-Secret", secret);
        Add(client, "X-Forwarded-User", user);
        Add(client, "X-Forwarded-For", "127.0.0.2");

        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(status, answer.StatusCode);
        if (status is HttpStatusCode.OK)
        {
            Assert.Contains("Signed in as anna", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Header_that_is_there_twice_names_nobody()
    {
        await using var site = await FleetSite.StartAsync(postgres, static options => Behind(options, "127.0.0.1"));
        var answer = await SendRawAsync(
            site, "GET / HTTP/1.1", $"X-Fleet-Proxy-Secret: {ProxySecret}", "X-Forwarded-User: mallory", "X-Forwarded-User: anna");

        Assert.StartsWith("HTTP/1.1 302", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proxy_does_not_open_the_programming_interface()
    {
        await using var site = await FleetSite.StartAsync(postgres, static options => Behind(options, "127.0.0.1"));
        using var client = site.Connect();
        Add(client, "X-Fleet-Proxy-Secret", ProxySecret);
        Add(client, "X-Forwarded-User", "anna");

        using var answer = await client.DeleteAsync(new Uri("/api/servers/berlin", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, site.Director.Asked);
    }

    [Fact]
    public async Task Cookie_is_secure_where_the_proxy_says_https_and_nobody_else_can_say_so()
    {
        await using var behind = await FleetSite.StartAsync(postgres, static options => Behind(options, "127.0.0.1"));
        await using var alone = await FleetSite.StartAsync(postgres);

        Assert.Contains("secure", await ReadCookieAsync(behind), StringComparison.Ordinal);
        Assert.DoesNotContain("secure", await ReadCookieAsync(alone), StringComparison.Ordinal);

        static async Task<string> ReadCookieAsync(FleetSite site)
        {
            using var client = site.Connect();
            client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
            using var answer = await client.GetAsync(new Uri("/login", UriKind.Relative));
            return Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        }
    }

    [Fact]
    public async Task Eleventh_attempt_in_a_minute_is_refused_even_with_the_secret()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect();

        for (var attempt = 1; attempt <= 10; attempt++)
        {
            using var answer = await FleetSite.SignInAsync(client, $"wrong-horse-battery-{attempt}");
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        using var last = await FleetSite.SignInAsync(client);
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    public async Task Signing_in_leads_nowhere_else(string next)
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect();
        var page = $"/login?next={Uri.EscapeDataString(next)}";

        using var answer = await FleetSite.SendFormAsync(client, page, page, ("secret", FleetSite.Secret));

        Assert.Equal("/", answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Session_ends_when_the_secret_changes()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await using var other = await FleetSite.StartAsync(postgres, static options => options.Secret = "another-horse-battery");
        using var client = site.Connect();
        using var signedIn = await FleetSite.SignInAsync(client);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(static one => one.StartsWith("fleet=", StringComparison.Ordinal));

        var header = $"Cookie: {cookie.Split(';')[0]}";
        Assert.StartsWith("HTTP/1.1 200", await SendRawAsync(site, "GET / HTTP/1.1", header), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 302", await SendRawAsync(other, "GET / HTTP/1.1", header), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_is_protected_in_the_browser()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var run = await site.AddRunAsync("berlin", Plans.Of("Alien"));
        using var anonymous = site.Connect();
        using var script = site.Connect(FleetSite.Secret);
        using var foreign = site.Connect();
        foreign.DefaultRequestHeaders.Host = "evil.example";

        foreach (var (client, path) in new[]
        {
            (anonymous, "/"), (anonymous, "/login"), (anonymous, "/style.css"), (anonymous, "/health/ready"), (anonymous, "/api/servers"),
            (script, "/"), (script, "/servers/berlin"), (script, "/servers/nothing"), (script, "/api/servers"), (script, "/metrics"),
            (script, $"/servers/berlin/runs/{run}"),
        })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Equal(
                path.Contains("/runs/", StringComparison.Ordinal), policy.StartsWith("sandbox allow-scripts;", StringComparison.Ordinal));
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.True(answer.Headers.CacheControl?.NoStore, path);
        }
    }

    [Fact]
    public async Task Tokens_and_PINs_are_in_no_answer()
    {
        await using var site = await FleetSite.StartAsync(postgres);
        await site.AddServerAsync("berlin", "kid");
        var run = await site.AddRunAsync("berlin", Plans.Of("Alien"));
        var order = await site.AddPlannedAsync("berlin", "kid", Plans.Of("Alien"));
        using var client = site.Connect(FleetSite.Secret);

        foreach (var path in new[]
        {
            "/", "/login", "/logout", "/servers/berlin", $"/servers/berlin/runs/{run}", $"/orders/{order}", "/api/servers", "/metrics",
            "/health/live", "/health/ready", "/style.css", "/nothing",
        })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            var text = $"{answer.Headers}{await answer.Content.ReadAsStringAsync()}";
            Assert.DoesNotContain(FleetSite.Token, text, StringComparison.Ordinal);
            Assert.DoesNotContain(FleetSite.Pin, text, StringComparison.Ordinal);
            Assert.DoesNotContain(FleetSite.Secret, text, StringComparison.Ordinal);
        }

        var secrets = await site.Catalogue.ReadSecretsAsync("berlin", default);
        Assert.Equal((FleetSite.Token, FleetSite.Pin), (secrets.Token, secrets.Pins["Kid"]));
    }

    [Theory]
    [InlineData("Bearer wrong-horse-battery-")]
    [InlineData("Bearer ")]
    [InlineData("Bearer")]
    [InlineData("Basic YWRtaW46Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5")]
    public async Task Wrong_Bearer_opens_nothing(string header)
    {
        await using var site = await FleetSite.StartAsync(postgres);
        using var client = site.Connect();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        using var page = await client.GetAsync(new Uri("/", UriKind.Relative));
        using var list = await client.GetAsync(new Uri("/api/servers", UriKind.Relative));

        Assert.NotEqual(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, list.StatusCode);
        Assert.Equal(0, site.Director.Asked);
    }

    private static void Behind(FleetOptions options, string? proxy)
    {
        if (proxy is not null)
        {
            options.Proxy.Addresses.Add(proxy);
            options.Proxy.Secret = ProxySecret;
        }
    }

    private static void Add(HttpClient client, string name, string? value)
    {
        if (value is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Sends exactly these lines; gives the answer as text.</summary>
    private static async Task<string> SendRawAsync(FleetSite site, params string[] lines)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(site.Address.Host, site.Address.Port);
        await using var stream = client.GetStream();
        string[] all = [.. lines, "Host: localhost", "Connection: close", "", ""];
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(string.Join("\r\n", all)));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
