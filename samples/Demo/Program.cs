// The main job on a simulated server: no Plex, no account, no network beyond loopback.
//   dotnet run --project samples/Demo
//   dotnet run --project samples/Demo -- --pictures FOLDER   makes what the README shows (assets/draw.sh)
using System.Text;
using PlexSync.Demo;

Console.OutputEncoding = Encoding.UTF8;
await using var household = await Household.StartAsync();
return args switch
{
    [] => await Tour.RunAsync(household),
    ["--pictures", var folder] => await Pictures.SaveAsync(household, folder),
    _ => Fail(),
};

static int Fail()
{
    Console.Error.WriteLine("Usage: Demo [--pictures FOLDER]");
    return 2;
}
