using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Pictures;

/// <summary>
/// Adds pictures of the project to the service, which encodes them for prompts. After a picture is opened, the next
/// ones of the list are encoded too, one at a time, so that nobody waits for them.
/// </summary>
internal sealed class Embeddings(PictureFolder folder, ProjectDatabase database, PocketSamPictures pictures) : BackgroundService
{
    /// <summary>The number of pictures to encode ahead.</summary>
    private const int Ahead = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Id, long Modified), Task<string>> _byPicture = [];
    private readonly Channel<long> _opened = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>The service's id of a picture, which is added if the service does not have it.</summary>
    /// <exception cref="LabelException">The file is missing or cannot be read.</exception>
    public async Task<string> OpenAsync(StoredPicture picture)
    {
        string id = await AddAsync(picture);
        _opened.Writer.TryWrite(picture.Id);
        return id;
    }

    /// <summary>The service's id of a picture; null if the service does not have it.</summary>
    public string? IdOf(StoredPicture picture)
    {
        lock (_gate)
        {
            return _byPicture.TryGetValue(KeyOf(picture), out Task<string>? known) && known.IsCompletedSuccessfully
                && pictures.Contains(known.Result) ? known.Result : null;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (long opened in _opened.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                long place = opened;
                await WaitAsync(place, stoppingToken);
                for (int i = 0; i < Ahead && !_opened.Reader.TryPeek(out _); i++)
                {
                    long after = place;
                    NextDocument? next = await database.ReadAsync(session => PictureTable.NextAsync(session, new PictureFilter(), after));
                    if (next is null)
                        break;
                    place = next.Id;
                    await WaitAsync(place, stoppingToken);
                }
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // There is no room, or the picture cannot be read. It is encoded when it is opened, and that request
                // gets the error.
            }
        }
    }

    private static (long Id, long Modified) KeyOf(StoredPicture picture) => (picture.Id, picture.Modified);

    private async Task WaitAsync(long id, CancellationToken cancellation)
    {
        StoredPicture picture = await database.ReadAsync(session => PictureTable.GetAsync(session, id));
        await pictures.WaitAsync(await AddAsync(picture), cancellation);
    }

    private async Task<string> AddAsync(StoredPicture picture)
    {
        Task<string> adding;
        lock (_gate)
        {
            if (_byPicture.TryGetValue(KeyOf(picture), out Task<string>? known)
                && (!known.IsCompleted || (known.IsCompletedSuccessfully && pictures.Contains(known.Result))))
            {
                adding = known;
            }
            else
            {
                // Remove the pictures that the service has dropped.
                foreach ((long, long) key in _byPicture.Where(entry => entry.Value.IsCompleted
                    && !(entry.Value.IsCompletedSuccessfully && pictures.Contains(entry.Value.Result))).Select(entry => entry.Key).ToArray())
                {
                    _byPicture.Remove(key);
                }

                _byPicture[KeyOf(picture)] = adding = ReadAndAddAsync(picture);
            }
        }

        return await adding;
    }

    private async Task<string> ReadAndAddAsync(StoredPicture picture)
    {
        await Task.Yield();
        byte[] file = await folder.ReadAsync(picture, CancellationToken.None);
        return await pictures.AddAsync(picture.Path, file);
    }
}
