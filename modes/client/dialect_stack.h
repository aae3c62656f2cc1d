#pragma once

// A client's side of either dialect: the session and the files that go with it.

#include <algorithm>
#include <memory>

#include "modes/client/classic_session.h"
#include "modes/client/classic_transfers.h"
#include "modes/client/downloads.h"
#include "modes/client/host.h"
#include "modes/client/options.h"
#include "modes/client/uploads.h"
#include "modes/client/v2_session.h"

namespace netchat::client {

struct V2Side {
    V2Side(const Options& options, SessionSink& sink, Host& host)
        : session(options.nick, sink, options.everyEntry),
          uploads(session, sink),
          downloads(session, sink, host) {
        session.authenticateBy(options.password);
        if (options.guest) session.beGuest();
    }
    V2Session session;
    Uploads uploads;
    Downloads downloads;
};

struct ClassicSide {
    ClassicSide(const Options& options, std::unique_ptr<Charset> charset, SessionSink& sink,
                Host& host)
        : session(options.nick, std::move(charset), options.headerWidth, sink),
          uploads(session, sink),
          downloads(sink, host, std::min(options.autoDownloadBytes, options.fileBytesMax),
                    options.autoDownloadTotalBytes, !options.downloads.empty()) {}
    ClassicSession session;
    ClassicUploads uploads;
    ClassicDownloads downloads;
};

// Null unless the options ask for the classic dialect.
std::unique_ptr<ClassicSide> makeClassic(const Options& options, SessionSink& sink, Host& host);

// Whether a client can be made of them.
Status checkOptions(const Options& options);

}  // namespace netchat::client
