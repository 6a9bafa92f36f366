// A script against `hqtrack serve`: a video and the mask of its first frame go up, its object is tracked, a COCO file comes back.
//     dotnet run -- http://localhost:8420 clip.mp4 first.png coco.json
using AnnotatorClient;

if (args is not [var server, var video, var mask, var output])
{
    Console.Error.WriteLine("usage: AnnotatorClient SERVER VIDEO MASK.png OUTPUT.json (token in HQTRACK_TOKEN)");
    return 2;
}

using var http = new HttpClient { BaseAddress = new Uri(server) };
var client = new HqTrackClient(http, Environment.GetEnvironmentVariable("HQTRACK_TOKEN"));
try
{
    var project = await client.CreateProjectAsync(Path.GetFileName(video));
    await using var file = File.OpenRead(video);
    var upload = await client.UploadAsync(project.Id, Path.GetFileName(video), file);
    var target = await client.AddObjectAsync(project.Id, "target");
    await client.PromptAsync(project.Id, 0, target.Id, await File.ReadAllBytesAsync(mask));
    var run = await client.WaitAsync(project.Id, (await client.TrackAsync(project.Id, from: 0)).Number);
    var tracks = await client.GetTracksAsync(project.Id);
    Console.WriteLine($"{run.State}: {run.Done} of {upload.Count} frames; least sure: {string.Join(", ", tracks.Worst.Take(3).Select(worst => $"frame {worst.Frame} ({worst.Confidence:0.00})"))}");
    var (export, coco) = await client.ExportAsync(project.Id, "coco");
    await File.WriteAllBytesAsync(output, coco);
    Console.WriteLine($"{output}: {export.Bytes} bytes");
    return 0;
}
catch (ApiException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
