#include "modes/serve/moderation/reload.h"

namespace netchat::serve {

namespace {

std::string shown(const std::string& value) {
    return value.empty() ? "(none)" : value;
}

std::string listOf(const std::vector<Change>& changes) {
    std::string list;
    for (const Change& change : changes) {
        if (!list.empty()) list += ", ";
        list += change.option;
        if (change.was != change.is) list += " " + shown(change.was) + " -> " + shown(change.is);
    }
    return list;
}

void addRows(std::vector<Row>& rows, const std::vector<Change>& changes, bool restart) {
    for (const Change& change : changes) {
        rows.push_back({{"option", change.option},
                        {"was", change.was},
                        {"is", change.is},
                        {"restart", restart}});
    }
}

}  // namespace

std::string reloadText(const ReloadReport& report) {
    std::string text = "reloaded: ";
    text += report.changed.empty() ? "nothing has changed" : listOf(report.changed);
    if (!report.needRestart.empty()) text += "; needs a restart: " + listOf(report.needRestart);
    return text;
}

std::vector<Row> reloadRows(const ReloadReport& report) {
    std::vector<Row> rows;
    addRows(rows, report.changed, false);
    addRows(rows, report.needRestart, true);
    return rows;
}

Answer reloadAnswer(const Result<ReloadReport>& result) {
    if (result) return {Ok{}, reloadText(*result), reloadRows(*result)};
    return {
        Error{result.error().code, "not reloaded, nothing was changed: " + result.error().text}};
}

}  // namespace netchat::serve
