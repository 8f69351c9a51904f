using System.Collections.Concurrent;
using System.Net;
using System.Text;
using RichardSzalay.MockHttp;

namespace PlexSync.Core.Tests.Accounts;

/// <summary>A server has many addresses; the best that leads to it is taken, and no token goes to any other.</summary>
public sealed class AddressChoiceTests
{
    /// <summary>Best first.</summary>
    private static readonly string[] Ranks =
    [
        "https://192-168-1-5.h.plex.direct:32400", "http://192.168.1.5:32400",
        "https://203-0-113-5.h.plex.direct:32400", "http://203.0.113.5:32400",
        "https://198-51-100-1.h.plex.direct:8443",
    ];

    private readonly ConcurrentQueue<HttpRequestMessage> _sent = [];

    public static TheoryData<string, string> Chosen()
    {
        var data = new TheoryData<string, string>();
        foreach (var rank in Ranks)
        {
            data.Add(rank, "dead");
            data.Add(rank, "somebody else");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Chosen))]
    public async Task Connect_takes_the_best_address_that_leads_to_the_server(string best, string others)
    {
        using var fake = new PlexFake();
        fake.Http.When("*").Respond(request => Answer(request, Array.IndexOf(Ranks, best), others));
        var account = await fake.Client.SignInAsync(PlexFake.OwnerToken);

        var server = await fake.Client.ConnectAsync(await fake.Client.FindServerAsync(account), account);

        Assert.Equal(best, server.Address.GetLeftPart(UriPartial.Authority));
        var toServers = _sent.Where(static request => request.RequestUri!.Host != "plex.test").ToList();
        var first = toServers.First(request => Rank(request) == Array.IndexOf(Ranks, best));
        Assert.Equal(("/identity", false), (first.RequestUri!.AbsolutePath, first.Headers.Contains("X-Plex-Token")));
        Assert.All(
            toServers, request => Assert.True(Rank(request) == Array.IndexOf(Ranks, best) || !request.Headers.Contains("X-Plex-Token")));
        Assert.Contains(toServers, static request => request.Headers.Contains("X-Plex-Token"));
    }

    private static int Rank(HttpRequestMessage request) => Array.IndexOf(Ranks, request.RequestUri!.GetLeftPart(UriPartial.Authority));

    private HttpResponseMessage Answer(HttpRequestMessage request, int best, string others)
    {
        _sent.Enqueue(request);
        return (Rank(request), request.RequestUri!.AbsolutePath) switch
        {
            (-1, "/api/v2/user") => Json("""{"id":1001,"title":"Owner"}"""),
            // In an order that is nobody's.
            (-1, "/api/v2/resources") => Json($$"""
                [{"name":"NAS","clientIdentifier":"{{PlexFake.Machine}}","provides":"server","owned":true,"connections":[
                  {"address":"198.51.100.1","port":8443,"uri":"{{Ranks[4]}}","local":false,"relay":true},
                  {"address":"203.0.113.5","port":32400,"uri":"{{Ranks[3]}}","local":false,"relay":false},
                  {"address":"203.0.113.5","port":32400,"uri":"{{Ranks[2]}}","local":false,"relay":false},
                  {"address":"192.168.1.5","port":32400,"uri":"{{Ranks[0]}}","local":true,"relay":false}]}]
                """),
            (var rank, _) when rank < best && others == "dead" => throw new HttpRequestException(HttpRequestError.ConnectionError),
            (var rank, "/identity") => Json($$$"""
                {"MediaContainer":{"machineIdentifier":"{{{(rank < best ? "somebodyelse" : PlexFake.Machine)}}}","version":"1.43"}}
                """),
            (_, "/") =>
                Json($$$"""{"MediaContainer":{"machineIdentifier":"{{{PlexFake.Machine}}}","friendlyName":"NAS","version":"1.43"}}"""),
            (_, "/:/prefs") => Json("""{"MediaContainer":{"Setting":[]}}"""),
            _ => new HttpResponseMessage(HttpStatusCode.NotFound),
        };
    }

    private static HttpResponseMessage Json(string json) =>
        new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
}
